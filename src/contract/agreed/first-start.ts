import { say } from '../../../locales/say.ts'

/** How long a program may be downloaded before it is given up. Milliseconds. */
export const longestDownload = 600_000

/** The same while that is what is going on. */
export const downloadWords = (): string =>
  say('firstStart.downloading', { minutes: longestDownload / 60_000 })

/** Said wherever somebody waits for a program to start, so that it agrees with the limit everywhere. */
export const firstStartWords = (): string =>
  say('firstStart.mayDownload', { minutes: longestDownload / 60_000 })
