import type { Principal } from '../../mcp/principal.ts'

/** Sets of rights kept at the same time; more clients than these, each with other rights, are not worth the memory. */
const maxViews = 64

/** Keeps what was made for a set of rights, for all who have the same. */
export function createViews<View>(make: (principal: Principal) => View) {
  const views = new Map<string, View>()
  /** A principal is never changed: other rights come with another object. */
  const keys = new WeakMap<Principal, string>()

  const keyOf = (principal: Principal): string => {
    const known = keys.get(principal)
    if (known !== undefined) return known
    const { workspace, access, tools, scopes, onThisComputer = false } = principal
    const rights = [tools && [...tools].sort(), scopes && [...scopes].sort()]
    const key = JSON.stringify([workspace, access, ...rights, onThisComputer])
    keys.set(principal, key)
    return key
  }

  return {
    of(principal: Principal): View {
      const key = keyOf(principal)
      let view = views.get(key)
      if (view === undefined) {
        view = make(principal)
        const [oldest] = views.keys()
        if (views.size >= maxViews) views.delete(oldest!)
      } else views.delete(key)
      // Last: used most recently.
      views.set(key, view)
      return view
    },
    clear: () => views.clear(),
  }
}
