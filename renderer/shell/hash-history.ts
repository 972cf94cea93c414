import { createBrowserHistory, type RouterHistory } from '@tanstack/react-router'

/**
 * What follows the hash, and nothing else: the router's own `createHashHistory` puts the page's own `?…` (our `?locale=`) behind it,
 * which spoils the last value there. The page's own stays where it is.
 */
export function hashHistory(): RouterHistory {
  // Before the router listens itself.
  countGiven(() => ours.location)
  const ours = createBrowserHistory({
    parseLocation: () => ({ ...parsed(), state: history.state ?? firstState }),
    createHref: (href) => `${location.pathname}${location.search}#${href}`,
  })
  return ours
}

function parsed() {
  // No address of another host.
  const href = location.hash.slice(1).replace(/^[/\\]*/, '/')
  const [, pathname = '/', search = '', hash = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(href) ?? []
  return { href, pathname, search, hash }
}

/** Of a page that was come to by its address. */
const firstState = { __TSR_index: 0 }

/**
 * An address that tray, notification or whoever types it gives the open window is one further than where it was. Without a count it is
 * the first for the router, which then reloads the page, or goes nowhere, where something filled in has to be asked about.
 */
function countGiven(now: () => RouterHistory['location']): void {
  const replace = history.replaceState.bind(history)
  addEventListener('popstate', (event) => {
    if (event.state !== null) return
    const { href, state } = now()
    const isThere = parsed().href === href
    // Without a key the router would count anew after a reload.
    const key = Math.random().toString(36).slice(2)
    replace(isThere ? state : { __TSR_index: state.__TSR_index + 1, key, __TSR_key: key }, '')
    // Nothing to go to.
    if (isThere) event.stopImmediatePropagation()
  })
}
