/**
 * The built preload as a script that runs before the page's own. It gets the two parts of Electron a sandboxed preload
 * has, and nothing of them stays reachable from the page but what it exposes. Objects are copied on the way, as
 * Electron's context bridge does; functions are not wrapped.
 */
export const preloadScript = (source: string): string => `(() => {
  const invoke = globalThis.__standinInvoke
  delete globalThis.__standinInvoke
  // Electron gives the preload to the top frame only.
  if (window !== window.top || typeof invoke !== 'function') return
  const loud = (name, parts) => new Proxy(parts, {
    get(target, key) {
      if (key in target) return target[key]
      throw new Error('The stand-in has no ' + name + '.' + String(key) + ' for the preload.')
    },
  })
  const copy = (value) => (typeof value === 'function' ? value : structuredClone(value))
  const bridged = (value) => {
    if (typeof value === 'function') return (...args) => {
      const result = value(...args.map(copy))
      return result instanceof Promise ? result.then(copy) : copy(result)
    }
    if (typeof value !== 'object' || value === null) return value
    return Object.freeze(Object.fromEntries(Object.entries(value).map(([key, item]) => [key, bridged(item)])))
  }
  const listeners = new Map()
  Object.defineProperty(globalThis, Symbol.for('standin.deliver'), {
    value: (channel, args) => {
      for (const listener of [...(listeners.get(channel) ?? [])]) listener({}, ...args)
    },
  })
  const electron = loud('electron', {
    contextBridge: loud('contextBridge', {
      exposeInMainWorld: (name, api) =>
        Object.defineProperty(globalThis, name, { value: bridged(api), enumerable: true }),
    }),
    ipcRenderer: loud('ipcRenderer', {
      invoke: (channel, ...args) => invoke(channel, args.map(copy)),
      on: (channel, listener) => listeners.set(channel, (listeners.get(channel) ?? new Set()).add(listener)),
      removeListener: (channel, listener) => listeners.get(channel)?.delete(listener),
    }),
  })
  const require = (name) => {
    if (name === 'electron') return electron
    throw new Error('A sandboxed preload cannot require ' + name + '.')
  }
  const module = { exports: {} }
  ;((exports, require, module) => {
${source}
  })(module.exports, require, module)
})()`
