import { createBrowserHistory, type RouterHistory } from '@tanstack/react-router'

/**
 * What follows the hash, and nothing else: the router's own `createHashHistory` puts the page's own `?…` (our `?locale=`) behind it,
 * which spoils the last value there. The page's own stays where it is.
 */
export const hashHistory = (): RouterHistory =>
  createBrowserHistory({
    parseLocation: () => {
      // No address of another host.
      const href = location.hash.slice(1).replace(/^[/\\]*/, '/')
      const [, pathname = '/', search = '', hash = ''] = /^([^?#]*)(\?[^#]*)?(#.*)?$/s.exec(href) ?? []
      return { href, pathname, search, hash, state: history.state ?? firstState }
    },
    createHref: (href) => `${location.pathname}${location.search}#${href}`,
  })

/** Of a page that was come to by its address. */
const firstState = { __TSR_index: 0 }
