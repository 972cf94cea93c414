import { createRootRoute, createRoute, createRouter, redirect } from '@tanstack/react-router'
import type { FunctionComponent } from 'react'
import { ClientKind } from '../src/contract/access.ts'
import { LogAddress } from './features/activity/log-address.ts'
import { DiaryAddress, UsageAddress } from './features/activity/look-address.ts'
import { takeUp } from './features/approvals/put-aside.ts'
import { BrokenPage, MissingPage } from './shell/broken-page.tsx'
import { Frame } from './shell/frame.tsx'
import { hashHistory } from './shell/hash-history.ts'

/** Each page is a file of its own, fetched when it is first looked at. */
const pages = {
  home: () => import('./features/home/home-page.tsx').then((file) => file.HomePage),
  tools: () => import('./features/tools/tools-page.tsx').then((file) => file.ToolsPage),
  server: () => import('./features/servers/server-page.tsx').then((file) => file.ServerPage),
  access: () => import('./features/access/access-page.tsx').then((file) => file.AccessPage),
  activity: () => import('./features/activity/activity-page.tsx').then((file) => file.ActivityPage),
  diary: () => import('./features/activity/diary/diary-page.tsx').then((file) => file.DiaryPage),
  usage: () => import('./features/activity/usage/usage-page.tsx').then((file) => file.UsagePage),
  timeline: () => import('./features/timeline/timeline-page.tsx').then((file) => file.TimelinePage),
  settings: () => import('./features/settings/settings-page.tsx').then((file) => file.SettingsPage),
  doctor: () => import('./features/doctor/doctor-page.tsx').then((file) => file.DoctorPage),
  moved: () => import('./features/address/moved-page.tsx').then((file) => file.MovedPage),
  connect: () => import('./features/connect/connect-page.tsx').then((file) => file.ConnectPage),
}

type Later<Props> = FunctionComponent<Props> & { preload(): Promise<void> }

/**
 * The page once its file is here. The router waits for it (`preload`) and shows the page before until then: what React
 * waits for itself (`Suspense`) it shows 300 ms later.
 */
function later<Props extends object>(load: () => Promise<FunctionComponent<Props>>): Later<Props> {
  let Page: FunctionComponent<Props>
  const Loaded = (props: Props) => <Page {...props} />
  const preload = async () => {
    Page ??= await load()
  }
  return Object.assign(Loaded, { preload })
}

/** Fetches the other pages while nothing else is to be done: the next look is at once, also when the host is gone by then. */
export const fetchPages = () => void Promise.allSettled(Object.values(pages).map((page) => page()))

const root = createRootRoute({ component: Frame, notFoundComponent: MissingPage })

const page = <Path extends `/${string}`>(path: Path, load: () => Promise<FunctionComponent>) =>
  createRoute({ getParentRoute: () => root, path, component: later(load) })

const home = page('/', pages.home)
const tools = page('/tools', pages.tools)
const access = page('/access', pages.access)
const activity = createRoute({
  getParentRoute: () => root,
  path: '/activity',
  validateSearch: LogAddress,
  component: later(pages.activity),
})
const diary = createRoute({
  getParentRoute: () => root,
  path: '/activity/diary',
  validateSearch: DiaryAddress,
  component: later(pages.diary),
})
const usage = createRoute({
  getParentRoute: () => root,
  path: '/activity/usage',
  validateSearch: UsageAddress,
  component: later(pages.usage),
})
const timeline = page('/timeline', pages.timeline)
const settings = page('/settings', pages.settings)
const doctor = page('/doctor', pages.doctor)
const moved = page('/moved', pages.moved)
const ServerPage = later(pages.server)
const ConnectPage = later(pages.connect)
const oneServer = createRoute({
  getParentRoute: () => root,
  path: '/tools/$id',
  component: Object.assign(ServerRoute, { preload: ServerPage.preload }),
})
const connect = createRoute({
  getParentRoute: () => root,
  path: '/connect/$client',
  beforeLoad: ({ params }) => {
    if (!ClientKind.safeParse(params.client).success) throw redirect({ to: '/' })
  },
  component: Object.assign(ConnectRoute, { preload: ConnectPage.preload }),
})

/** Where tray and notifications lead: the request's dialog is over every page, so there is none of its own. */
const waiting = createRoute({
  getParentRoute: () => root,
  path: '/waiting/$id',
  staticData: { over: ({ id }) => id !== undefined && takeUp(id) },
  beforeLoad: ({ params }) => {
    takeUp(params.id)
    throw redirect({ to: '/', replace: true })
  },
})

function ServerRoute() {
  const { id } = oneServer.useParams()
  return <ServerPage key={id} id={id} />
}

function ConnectRoute() {
  const client = ClientKind.parse(connect.useParams().client)
  return <ConnectPage key={client} client={client} />
}

/** After the hash, so that the same pages work under `app://` and on any loopback address, and survive a reload. */
export const router = createRouter({
  routeTree: root.addChildren([
    ...[
      home,
      connect,
      tools,
      oneServer,
      access,
      activity,
      diary,
      usage,
      timeline,
      settings,
      doctor,
      moved,
      waiting,
    ],
  ]),
  history: hashHistory(),
  defaultErrorComponent: BrokenPage,
  defaultPreload: false,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
  interface StaticDataRouteOption {
    /** Shows what it leads to over the page that is there, where that one cannot be left at once. */
    over?(params: Readonly<Record<string, string | undefined>>): void
  }
}
