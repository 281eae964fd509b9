// The replay window of one device: each (bootEpoch, seq) is taken once (docs/formats.md §3).

import { equalBytes } from '@suyuan/contracts';
import { BootWindow, shortId } from './boot-window.ts';
import { GapList } from './gaps.ts';

export interface ChainLink {
  readonly bootEpoch: number;
  readonly seq: number;
  /** 32 bytes. */
  readonly id: Uint8Array;
  /** 32 bytes; zeros for the first pack of the device. */
  readonly prev: Uint8Array;
}

export type WindowVerdict =
  | 'new'
  /** The same message came before. */
  | 'duplicate'
  /** Another message came under this number. */
  | 'equivocation'
  /** Older than what is remembered and not known to be missing. */
  | 'too-old';

export interface WindowLimits {
  readonly windowPacks: number;
  readonly windowBoots: number;
  readonly windowGaps: number;
}

/** A range that never arrived; `to` is null where the end of a start is missing and its length is unknown. */
export interface DeviceGap {
  readonly boot: number;
  readonly from: number;
  readonly to: number | null;
}

export class DeviceWindow {
  readonly #limits: WindowLimits;
  /** Ascending by bootEpoch. */
  readonly boots: BootWindow[] = [];
  /** The highest start that was forgotten: it and all below are too old. */
  floor = -1;

  constructor(limits: WindowLimits) {
    this.#limits = limits;
  }

  #boot(bootEpoch: number): BootWindow | undefined {
    return this.boots.find((boot) => boot.bootEpoch === bootEpoch);
  }

  classify(link: ChainLink): WindowVerdict {
    const boot = this.#boot(link.bootEpoch);
    if (boot === undefined) {
      const full = this.boots.length >= this.#limits.windowBoots;
      const oldest = this.boots[0]?.bootEpoch ?? -1;
      return link.bootEpoch <= this.floor || (full && link.bootEpoch < oldest) ? 'too-old' : 'new';
    }
    if (boot.isOpen(link.seq)) return 'new';
    const known = boot.idAt(link.seq);
    if (known === undefined) return 'too-old';
    return equalBytes(known, shortId(link.id)) ? 'duplicate' : 'equivocation';
  }

  /** Takes a link that `classify` calls new; true if it contradicts the chain of what is remembered. */
  accept(link: ChainLink): boolean {
    const boot = this.#boot(link.bootEpoch) ?? this.addBoot(link.bootEpoch);
    const broken =
      boot.contradicts(link.seq, link.id, link.prev) ||
      (link.seq === 0 && this.#contradictsBefore(link));
    boot.accept(link.seq, link.id, link.prev);
    return broken;
  }

  /** The first pack of a start must continue the start before; an unknown `prev` only says that its end is missing. */
  #contradictsBefore(link: ChainLink): boolean {
    const before = this.boots.findLast((boot) => boot.bootEpoch < link.bootEpoch);
    if (before === undefined) return false;
    if (link.prev.every((byte) => byte === 0)) return true;
    return before.remembered().some((seq) => {
      const id = before.idAt(seq);
      return seq !== before.next - 1 && id !== undefined && equalBytes(id, shortId(link.prev));
    });
  }

  addBoot(bootEpoch: number, next = 0, gaps = new GapList(this.#limits.windowGaps)): BootWindow {
    const boot = new BootWindow(bootEpoch, this.#limits.windowPacks, gaps, next);
    this.boots.push(boot);
    this.boots.sort((a, b) => a.bootEpoch - b.bootEpoch);
    while (this.boots.length > this.#limits.windowBoots) {
      this.floor = Math.max(this.floor, this.boots.shift()?.bootEpoch ?? -1);
    }
    return boot;
  }

  /** What is known to be missing. */
  gaps(): DeviceGap[] {
    return this.boots.flatMap((boot, index) => {
      const gaps: DeviceGap[] = boot.gaps.ranges.map((gap) => ({ boot: boot.bootEpoch, ...gap }));
      const first = this.boots[index + 1]?.prevAt(0);
      const last = boot.idAt(boot.next - 1);
      if (first !== undefined && last !== undefined && !equalBytes(first, last)) {
        gaps.push({ boot: boot.bootEpoch, from: boot.next, to: null });
      }
      return gaps;
    });
  }

  /** Numbers known to be missing; a missing end of unknown length counts as one. */
  missing(): number {
    const ends = this.gaps().filter((gap) => gap.to === null).length;
    return this.boots.reduce((sum, boot) => sum + boot.gaps.missing, ends);
  }
}
