/** How long a program may be downloaded before it is given up. Milliseconds. */
export const longestDownload = 600_000

/** The same while that is what is going on. */
export const downloadWords = `Its program is being downloaded, which may take up to ${minutes(longestDownload)}.`

/** Said wherever somebody waits for a program to start, so that it agrees with the limit everywhere. */
export const firstStartWords = `The first time its program may have to be downloaded, which may take up to ${minutes(longestDownload)}.`

function minutes(milliseconds: number): string {
  return milliseconds === 600_000 ? 'ten minutes' : `${milliseconds / 60_000} minutes`
}
