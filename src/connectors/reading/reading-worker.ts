/** A thread of its own: what a hostile calendar or mail takes, time and memory, it takes of this one, which is ended then. */
import { parentPort } from 'node:worker_threads'
import type { CalendarFound, CalendarJob } from '../calendar/occurrences.ts'
import type { DavResponse } from './multistatus.ts'

/** What can be read here, by its kind. */
export interface Jobs {
  calendar: { asked: CalendarJob; found: CalendarFound }
  html: { asked: string; found: string }
  multistatus: { asked: string; found: DavResponse[] }
}
export type Job = { [K in keyof Jobs]: { kind: K; asked: Jobs[K]['asked'] } }[keyof Jobs]
/** `loaded`: from now on it reads. `at`: it begins with this event of a calendar, so that it is known which one it was when it never ends. */
export type Said = { found: unknown } | { failed: string } | { at: number } | 'loaded'

const port = parentPort!
const tell = (said: Said) => port.postMessage(said)

async function read(job: Job): Promise<unknown> {
  if (job.kind === 'html') {
    const { htmlText } = await import('./html-text.ts')
    tell('loaded')
    return htmlText(job.asked)
  }
  if (job.kind === 'multistatus') {
    const { responsesIn } = await import('./multistatus.ts')
    tell('loaded')
    return responsesIn(job.asked)
  }
  const { occurrencesIn } = await import('../calendar/occurrences.ts')
  tell('loaded')
  return occurrencesIn(job.asked, (at) => tell({ at }))
}

port.on('message', (job: Job) => {
  read(job).then(
    (found) => tell({ found }),
    (error) => tell({ failed: String(error).slice(0, 500) }),
  )
})
