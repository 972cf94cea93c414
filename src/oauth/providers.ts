import type { Provider } from 'oidc-provider'
import type { Issuer } from './issuers.ts'

/** Issuers kept ready at once: each takes 2.4 ms to make and 50 kB to keep, and holds nothing that is not stored. */
const most = 64

/** One oidc-provider per issuer, made when it is first needed; the one that was not asked for longest goes first. */
export function createProviders(make: (issuer: Issuer) => Provider) {
  const ready = new Map<string, Provider>()
  return {
    for(issuer: Issuer): Provider {
      const provider = ready.get(issuer.id) ?? make(issuer)
      ready.delete(issuer.id)
      ready.set(issuer.id, provider)
      if (ready.size > most) ready.delete(ready.keys().next().value!)
      return provider
    },
    /** After the keys changed. */
    clear: (): void => ready.clear(),
  }
}
