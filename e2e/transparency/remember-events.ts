import type { EventStore } from '@modelcontextprotocol/server'

/** What was sent on the streams of one session, for clients that come back for the rest (`Last-Event-ID`). */
export function rememberEvents(): EventStore {
  const events: { stream: string; message: unknown }[] = []
  return {
    async storeEvent(stream, message) {
      events.push({ stream, message })
      return String(events.length - 1)
    },
    async getStreamIdForEventId(id) {
      return events[Number(id)]?.stream
    },
    async replayEventsAfter(id, { send }) {
      const stream = events[Number(id)]?.stream ?? ''
      for (const [at, event] of events.entries()) {
        const priming = Object.keys(event.message as object).length === 0
        if (at > Number(id) && event.stream === stream && !priming)
          await send(String(at), event.message as Parameters<typeof send>[1])
      }
      return stream
    },
  }
}
