// What a query of EPCIS answers with.

/** The events of an EPCISQueryDocument. */
export function eventsOf(document: unknown): Record<string, unknown>[] {
  const { epcisBody } = document as {
    epcisBody?: { queryResults: { resultsBody: { eventList: Record<string, unknown>[] } } };
  };
  return epcisBody?.queryResults.resultsBody.eventList ?? [];
}
