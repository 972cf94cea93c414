import type { Provider } from 'oidc-provider'
import type { Issuer } from './issuers.ts'

/** Issuers kept ready at once: each takes 2.4 ms to make and 50 kB to keep, and holds nothing that is not stored. */
const most = 64

export type CreateProvider = typeof import('./provider.ts').createProvider

/** One oidc-provider per issuer, made when it is first needed; the one that was not asked for longest goes first. */
export class Providers {
  readonly #make: (issuer: Issuer, create: CreateProvider) => Provider
  readonly #ready = new Map<string, Provider>()

  constructor(make: (issuer: Issuer, create: CreateProvider) => Provider) {
    this.#make = make
  }

  /** oidc-provider is a good part of the memory this program takes: it is loaded when somebody first asks for access. */
  async for(issuer: Issuer): Promise<Provider> {
    const { createProvider } = await import('./provider.ts')
    const provider = this.#ready.get(issuer.id) ?? this.#make(issuer, createProvider)
    this.#ready.delete(issuer.id)
    this.#ready.set(issuer.id, provider)
    if (this.#ready.size > most) this.#ready.delete(this.#ready.keys().next().value!)
    return provider
  }

  /** After the keys changed. */
  clear(): void {
    this.#ready.clear()
  }
}
