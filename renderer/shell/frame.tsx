import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import icon from '../../assets/icon.svg'
import { say } from '../../locales/say.ts'
import { useNeeds } from '../features/approvals/use-needs.ts'
import { WaitingDialogs } from '../features/approvals/waiting-dialogs.tsx'
import { useCall } from '../pipe/host.tsx'
import { Dot } from '../ui/badge.tsx'
import { Spinner } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { Spoken } from '../ui/text.tsx'
import { headline } from '../words/headline.ts'
import styles from './frame.module.css'
import { Notices } from './notices.tsx'
import { PutAsideStrip } from './put-aside-strip.tsx'
import { SignedOut } from './signed-out.tsx'
import { useFocusKept } from './use-focus-kept.ts'
import { useLink } from './use-link.ts'

const PAGES = [
  { to: '/', name: 'home' },
  { to: '/tools', name: 'tools' },
  { to: '/access', name: 'access' },
  { to: '/activity', name: 'activity' },
  { to: '/timeline', name: 'timeline' },
  { to: '/settings', name: 'settings' },
] as const

/** Around every page: the way between them, the state of the bridge, and whatever asks for an answer. */
export function Frame() {
  const link = useLink()
  const status = useCall('status.get', undefined)
  const servers = useCall('servers.list', undefined)
  const path = useLocation({ select: (location) => location.pathname })
  const main = useRef<HTMLElement>(null)
  const waiting = status.data ? status.data.waiting.connections + status.data.waiting.calls : 0
  const drafts = servers.data?.filter(({ state }) => state === 'draft').length ?? 0
  const toLookAt = (status.data?.waiting.tools ?? 0) + drafts
  const here =
    PAGES.find((page) => page.to === path || (page.to !== '/' && path.startsWith(`${page.to}/`)))?.name ??
    (path === '/doctor' ? 'check' : 'connect')
  const needs = useNeeds()
  const grants = useCall('grants.list', undefined)
  const words = status.data && headline(status.data.bridge, needs, grants.data)

  useFocusKept(main)
  useEffect(() => {
    const title = here === 'home' ? 'Drawbridge' : say('page.title', { page: say(`page.${here}`) })
    document.title = waiting > 0 ? `(${waiting}) ${title}` : title
  }, [waiting, here])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page starts at its top
  useEffect(() => {
    main.current?.scrollTo(0, 0)
  }, [path])

  if (link === 'signed-out') return <SignedOut />
  return (
    <div className={styles.frame}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        {say('shell.skipToThePage')}
      </button>
      <div className={styles.bars}>
        {link === 'lost' && (
          <div className={styles.lost} role="status">
            <Spinner /> <span>{say('shell.connectionToDrawbridgeLost')}</span>
          </div>
        )}
        <PutAsideStrip />
      </div>
      <header className={styles.side}>
        <div className={styles.brand}>
          <img src={icon} alt="" width={30} height={30} />
          Drawbridge
        </div>
        <nav className={styles.nav} aria-label={say('shell.pages')}>
          {PAGES.map((page) => (
            <Link
              key={page.to}
              to={page.to}
              className={styles.item}
              activeOptions={{ exact: page.to === '/' }}
            >
              <Icon name={page.name} />
              {say(`page.${page.name}`)}
              {page.to === '/tools' && <Count of={toLookAt} said="page.toLookAt" />}
              {page.to === '/' && <Count of={needs.length} said="page.needsYou" />}
            </Link>
          ))}
        </nav>
        {words && (
          <Link
            to="/"
            className={styles.state}
            title={say('bridge.spoken', { title: words.title, lead: words.lead })}
          >
            <Dot tone={words.tone} /> {words.short}
          </Link>
        )}
      </header>
      <main className={styles.main} ref={main} id="main" tabIndex={-1}>
        {/* Home has a place of its own for each of them. */}
        {status.data && path !== '/' && <Notices notices={status.data.notices} />}
        <Outlet />
      </main>
      <Spoken live="polite">
        {words && say('bridge.spoken', { title: words.title, lead: words.lead })}
        {waiting > 0 && ` ${say('page.waiting', { count: waiting })}`}
      </Spoken>
      <WaitingDialogs />
    </div>
  )
}

function Count({ of, said }: { of: number; said: 'page.toLookAt' | 'page.needsYou' }) {
  if (of === 0) return null
  return (
    <span className={styles.count}>
      <span aria-hidden="true">{of}</span>
      <Spoken>{say(said, { count: of })}</Spoken>
    </span>
  )
}
