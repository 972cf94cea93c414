import type { Dispatcher } from 'undici'
import type { Route } from './network.ts'

/** One dispatcher for each proxy, made when it is first wanted: undici takes 4 MB of memory, and many a Drawbridge never asks. */
export class RouteDispatchers {
  /** By proxy; '' for none. */
  readonly #open = new Map<string, Promise<Dispatcher>>()
  readonly #make: (route: Route) => Promise<Dispatcher>

  constructor(make: (route: Route) => Promise<Dispatcher>) {
    this.#make = make
  }

  for(route: Route): Promise<Dispatcher> {
    const key = route.proxy?.href ?? ''
    const found = this.#open.get(key) ?? this.#make(route)
    this.#open.set(key, found)
    return found
  }

  async close(): Promise<void> {
    for (const one of this.#open.values()) await (await one).destroy()
  }
}
