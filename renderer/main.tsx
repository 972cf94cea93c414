import './zod-setup.ts'
import './tokens.css'
import './base.css'
import { QueryClient } from '@tanstack/react-query'
import { flushSync } from 'react-dom'
import { createRoot } from 'react-dom/client'
import { chooseLocale } from '../locales/say.ts'
import { App } from './app.tsx'
import { createElectronPipe } from './pipe/electron-pipe.ts'
import { showFirst } from './pipe/first-answer.ts'
import { HttpPipe } from './pipe/http-pipe.ts'
import { goLive } from './pipe/live.ts'
import { fetchPages, router } from './routes.tsx'

// The headless shell says it in the page, Electron's window in the address.
const { documentElement } = document
documentElement.lang = chooseLocale(
  new URLSearchParams(location.search).get('locale') ?? documentElement.lang,
)

/** Read when needed: the shell writes the token into the page it serves. */
const csrf = () => document.querySelector<HTMLMetaElement>('meta[name="drawbridge-csrf"]')?.content ?? ''

const pipe = window.drawbridge
  ? createElectronPipe(window.drawbridge)
  : new HttpPipe({
      base: '',
      csrf: csrf(),
      fetch: (input, init) => fetch(input, init),
      openEvents: (url) => new EventSource(url),
    })

const client = new QueryClient({
  defaultOptions: {
    queries: {
      // Events tell what changed; asking again on its own is only for what was missed.
      staleTime: 30_000,
      retry: false,
      // The host is on this computer: being without internet is no reason to wait.
      networkMode: 'always',
    },
    mutations: { networkMode: 'always' },
  },
})

// What the page was sent with, so that its first look is not an empty one.
showFirst(client, document.querySelector<HTMLMetaElement>('meta[name="drawbridge-status"]')?.content)
goLive(pipe, client)
const root = createRoot(document.getElementById('root')!)

/** Its file is waited for before the first look: React would hold back for 300 ms what comes after an empty one. */
async function showFirstPage(): Promise<void> {
  const { history } = router
  let address: typeof history.location
  // The router hears of a new address once it is drawn, and not before.
  do {
    address = history.location
    await router.load().catch(console.error)
  } while (history.location !== address)
  flushSync(() => root.render(<App pipe={pipe} client={client} />))
}
void showFirstPage()

/** After the first page was shown. */
const LATER_MS = 1_500
setTimeout(fetchPages, LATER_MS)
