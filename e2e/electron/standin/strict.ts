import { EventEmitter } from 'node:events'

/** Names the language itself asks objects for. */
const quiet = new Set(['then', 'toJSON', 'constructor', 'inspect', 'nodeType', '$$typeof', 'asymmetricMatch'])

/** An object that throws when asked for what it does not have, instead of answering `undefined`. */
export function strict<T extends object>(name: string, target: T): T {
  return new Proxy(target, {
    get(object, key) {
      if (typeof key === 'symbol' || key in object || quiet.has(key)) {
        const value: unknown = Reflect.get(object, key, object)
        // Bound: private fields are the object's, not the proxy's.
        return typeof value === 'function' ? value.bind(object) : value
      }
      throw new Error(`The stand-in has no electron.${name}.${key}: add it, as Electron documents it.`)
    },
    set(_object, key) {
      throw new Error(`The stand-in does not let electron.${name}.${String(key)} be set.`)
    },
  })
}

/** Throws on options the stand-in would silently ignore. */
export function onlyKnown(name: string, options: object, known: readonly string[]): void {
  for (const key of Object.keys(options))
    if (!known.includes(key)) throw new Error(`The stand-in does not know the option ${name}.${key}.`)
}

/** Events as Electron emits them: with `preventDefault()`, and only those that exist. */
export class StrictEmitter extends EventEmitter {
  readonly #name: string
  readonly #events: readonly string[]

  constructor(name: string, events: readonly string[]) {
    super()
    this.#name = name
    this.#events = events
  }

  #check(event: string | symbol): void {
    if (!this.#events.includes(String(event)))
      throw new Error(`The stand-in never emits "${String(event)}" on electron.${this.#name}.`)
  }

  override on(event: string | symbol, listener: (...args: never[]) => void): this {
    this.#check(event)
    return super.on(event, listener as never)
  }

  override once(event: string | symbol, listener: (...args: never[]) => void): this {
    this.#check(event)
    return super.once(event, listener as never)
  }

  /** Emits with an event object; returns whether a listener prevented the default. */
  happen(event: string, details: object = {}, ...rest: unknown[]): boolean {
    this.#check(event)
    let prevented = false
    const preventDefault = () => {
      prevented = true
    }
    this.emit(event, { ...details, preventDefault }, ...rest)
    return prevented
  }
}
