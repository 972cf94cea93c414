/** Characters of shown arguments that may wait for the user at once, for one grant: some megabytes of memory, and more than anybody reads. */
const mostWaiting = 4_000_000

/** Whether another question of this many characters may wait beside those of the same grant that wait already. */
export const fits = (waitingCharacters: number, more: number): boolean =>
  waitingCharacters + more <= mostWaiting
