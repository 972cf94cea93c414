import {
  createHashHistory,
  createRootRoute,
  createRoute,
  createRouter,
  redirect,
} from '@tanstack/react-router'
import { ClientKind } from '../src/contract/models.ts'
import { takeUp } from './dialogs/put-aside.ts'
import { AccessPage } from './pages/access/access-page.tsx'
import { ActivityPage } from './pages/activity/activity-page.tsx'
import { ConnectPage } from './pages/connect/connect-page.tsx'
import { DoctorPage } from './pages/doctor/doctor-page.tsx'
import { HomePage } from './pages/home/home-page.tsx'
import { SettingsPage } from './pages/settings/settings-page.tsx'
import { ServerPage } from './pages/tools/server-page.tsx'
import { ToolsPage } from './pages/tools/tools-page.tsx'
import { BrokenPage, MissingPage } from './shell/broken-page.tsx'
import { Frame } from './shell/frame.tsx'

const root = createRootRoute({ component: Frame, notFoundComponent: MissingPage })

const home = createRoute({ getParentRoute: () => root, path: '/', component: HomePage })
const tools = createRoute({ getParentRoute: () => root, path: '/tools', component: ToolsPage })
const oneServer = createRoute({ getParentRoute: () => root, path: '/tools/$id', component: ServerRoute })
const access = createRoute({ getParentRoute: () => root, path: '/access', component: AccessPage })
const activity = createRoute({ getParentRoute: () => root, path: '/activity', component: ActivityPage })
const settings = createRoute({ getParentRoute: () => root, path: '/settings', component: SettingsPage })
const doctor = createRoute({ getParentRoute: () => root, path: '/doctor', component: DoctorPage })
const connect = createRoute({
  getParentRoute: () => root,
  path: '/connect/$client',
  beforeLoad: ({ params }) => {
    if (!ClientKind.safeParse(params.client).success) throw redirect({ to: '/' })
  },
  component: ConnectRoute,
})

/** Where tray and notifications lead: the request's dialog is over every page, so there is none of its own. */
const waiting = createRoute({
  getParentRoute: () => root,
  path: '/waiting/$id',
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
  routeTree: root.addChildren([home, connect, tools, oneServer, access, activity, settings, doctor, waiting]),
  history: createHashHistory(),
  defaultErrorComponent: BrokenPage,
  defaultPreload: false,
  scrollRestoration: false,
})

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router
  }
}
