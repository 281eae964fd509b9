// The demo's season: everything is done by the ways that real parties have, signed by their own keys, on a clock that passes
// through the years in minutes.

import type { HouseClock } from '../house/clock.ts';
import type { House } from '../house/house.ts';
import { type Fleet, openFleet, orAborted } from './fleet.ts';
import { HOUR_MS } from './ids.ts';
import { type Plan, seasonStart_ms } from './plan.ts';
import { isLived, type SeasonFile, type SeasonProgress } from './progress.ts';
import { chenpi } from './stations/chenpi.ts';
import { copies } from './stations/copies.ts';
import { drill } from './stations/drill.ts';
import { melon } from './stations/melon.ts';
import { opening } from './stations/opening.ts';
import { rice } from './stations/rice.ts';
import { trouble } from './stations/trouble.ts';
import { createTeller, type StoryEvent, type Teller } from './teller.ts';

/** The longest step that leaves every reading on time: later than 48 h after its own time it would count as late. */
const STEP_MS = 47 * HOUR_MS;

export interface SeasonParts {
  readonly house: House;
  readonly clock: HouseClock;
  readonly file: SeasonFile;
  readonly directory: string;
  readonly signal: AbortSignal;
  readonly onProgress: (lived: number, total: number) => void;
}

/** The progress of a house that has not begun. */
export function freshProgress(plan: Plan): SeasonProgress {
  return { ...plan, cursor_ms: seasonStart_ms(plan), sampleLinks: {}, stories: {} };
}

/** Lives through the season up to its end, or until `signal` aborts. Gives the devices, which go on living. */
export async function liveThroughSeason(parts: SeasonParts): Promise<Fleet> {
  const { house, clock, file, signal, onProgress } = parts;
  const plan = file.get();
  const { end_ms } = plan;
  const start_ms = seasonStart_ms(plan);
  if (!isLived(file.get())) clock.standAt(file.get().cursor_ms);
  const events = storyOf(createTeller(house, clock, file));
  const fleet = await openFleet(house, clock, parts.directory, plan);
  try {
    while (!isLived(file.get()) && !signal.aborted) {
      const from_ms = file.get().cursor_ms;
      const nextEvent_ms = events.find((e) => e.at_ms > from_ms)?.at_ms ?? end_ms;
      const to_ms = Math.min(end_ms, from_ms + STEP_MS, nextEvent_ms);
      for (const event of events.filter((e) => e.at_ms === from_ms)) await event.run();
      await fleet.register(from_ms);
      clock.standAt(to_ms);
      await fleet.report(from_ms, to_ms, signal);
      if (signal.aborted) break;
      await orAborted(house.gateway.drained(), signal);
      if (signal.aborted) break;
      await file.put({ ...file.get(), cursor_ms: to_ms });
      onProgress(to_ms - start_ms, end_ms - start_ms);
    }
    if (signal.aborted) return fleet;
    await fleet.register(end_ms);
    await house.gateway.reconcileStatements();
    clock.letGo();
    return fleet;
  } catch (error) {
    await fleet.stop();
    throw error;
  }
}

function storyOf(teller: Teller): StoryEvent[] {
  const stations = [opening, chenpi, rice, trouble, copies, drill, melon];
  return stations.flatMap((station) => station(teller)).sort((a, b) => a.at_ms - b.at_ms);
}
