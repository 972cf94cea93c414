let last = 0

/** What comes later gets a larger number: in one life of the program, in which its clock may be set back. */
export function nextOrder(): number {
  last += 1
  return last
}
