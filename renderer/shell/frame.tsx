import { Link, Outlet, useLocation } from '@tanstack/react-router'
import { useEffect, useRef } from 'react'
import icon from '../../assets/icon.svg'
import { useNeeds } from '../features/approvals/use-needs.ts'
import { WaitingDialogs } from '../features/approvals/waiting-dialogs.tsx'
import { useCall } from '../pipe/host.tsx'
import { Dot } from '../ui/badge.tsx'
import { Spinner } from '../ui/button.tsx'
import { Icon } from '../ui/icon.tsx'
import { headline } from '../words/headline.ts'
import styles from './frame.module.css'
import { Notices } from './notices.tsx'
import { PutAsideStrip } from './put-aside-strip.tsx'
import { SignedOut } from './signed-out.tsx'
import { useLink } from './use-link.ts'

const PAGES = [
  { to: '/', label: 'Home', icon: 'home' },
  { to: '/tools', label: 'Tools', icon: 'tools' },
  { to: '/access', label: 'Access', icon: 'access' },
  { to: '/activity', label: 'Activity', icon: 'activity' },
  { to: '/settings', label: 'Settings', icon: 'settings' },
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
    PAGES.find((page) => page.to === path || (page.to !== '/' && path.startsWith(`${page.to}/`)))?.label ??
    (path === '/doctor' ? 'Check' : 'Connect')
  const needs = useNeeds()
  const words = status.data && headline(status.data.bridge, needs)

  useEffect(() => {
    document.title = `${waiting > 0 ? `(${waiting}) ` : ''}${here === 'Home' ? '' : `${here} – `}Drawbridge`
  }, [waiting, here])

  // biome-ignore lint/correctness/useExhaustiveDependencies: a new page starts at its top
  useEffect(() => {
    main.current?.scrollTo(0, 0)
  }, [path])

  if (link === 'signed-out') return <SignedOut />
  return (
    <div className={styles.frame}>
      <button type="button" className={styles.skip} onClick={() => main.current?.focus()}>
        Skip to the page
      </button>
      <div className={styles.bars}>
        {link === 'lost' && (
          <div className={styles.lost} role="status">
            <Spinner /> Connection to Drawbridge lost, trying again…
          </div>
        )}
        <PutAsideStrip />
      </div>
      <header className={styles.side}>
        <div className={styles.brand}>
          <img src={icon} alt="" width={30} height={30} />
          Drawbridge
        </div>
        <nav className={styles.nav} aria-label="Pages">
          {PAGES.map((page) => (
            <Link
              key={page.to}
              to={page.to}
              className={styles.item}
              activeOptions={{ exact: page.to === '/' }}
            >
              <Icon name={page.icon} />
              {page.label}
              {page.to === '/tools' && toLookAt > 0 && (
                <span className={styles.count}>
                  <span aria-hidden="true">{toLookAt}</span>
                  <span className={styles.quietly}>, {toLookAt} to look at</span>
                </span>
              )}
              {page.to === '/' && needs.length > 0 && (
                <span className={styles.count}>
                  <span aria-hidden="true">{needs.length}</span>
                  <span className={styles.quietly}>
                    , {needs.length === 1 ? 'one thing needs' : `${needs.length} things need`} you
                  </span>
                </span>
              )}
            </Link>
          ))}
        </nav>
        {words && (
          <Link to="/" className={styles.state} title={`${words.title}. ${words.lead}`}>
            <Dot tone={words.tone} /> {words.short}
          </Link>
        )}
      </header>
      <main className={styles.main} ref={main} id="main" tabIndex={-1}>
        {/* Home has a place of its own for each of them. */}
        {status.data && path !== '/' && <Notices notices={status.data.notices} />}
        <Outlet />
      </main>
      <div className={styles.quietly} aria-live="polite">
        {words && `${words.title}. ${words.lead}`}
        {waiting > 0 && ` ${waiting} waiting for your answer.`}
      </div>
      <WaitingDialogs />
    </div>
  )
}
