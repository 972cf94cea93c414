import type { ReactNode } from 'react'
import { say } from '../../../locales/say.ts'
import type { Server } from '../../../src/contract/servers.ts'
import { problemOf, useCommand } from '../../pipe/host.tsx'
import { Button, Spinner } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { ConfirmButton } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import { browserUrl, hostOf } from '../../words/server.ts'
import styles from './sign-in.module.css'
import { useSignIn } from './use-server-commands.ts'

export const wantsSignIn = ({ state, signIn }: Server): boolean =>
  state === 'signed-out' ||
  (state !== 'stopped' && state !== 'draft' && (signIn.state === 'needed' || signIn.state === 'waiting'))

/** Signing in to a server: one button, then waiting for the browser. Null where nothing is to be done. */
export function SignIn({ server }: { server: Server }) {
  const signIn = useSignIn()
  if (!wantsSignIn(server)) return null
  const begin = () => signIn.mutate({ id: server.id })
  const problem = signIn.error ? problemOf(signIn.error) : server.signIn.problem
  if (server.signIn.state === 'waiting' && server.signIn.url !== null)
    return <Underway server={server} url={server.signIn.url} again={begin} busy={signIn.isPending} />
  return (
    <div className={styles.panel}>
      {problem && <Problem problem={problem} announce={signIn.error !== null} />}
      <div className={styles.ask}>
        <p>
          {server.signIn.issuer === null
            ? rich('servers.signIn.ask', { b: bold })
            : rich('servers.signIn.askAt', { b: bold, host: <Plain text={hostOf(server.signIn.issuer)} /> })}
        </p>
        <Button
          intent="primary"
          size="large"
          busy={signIn.isPending}
          aria-label={say(problem ? 'servers.signIn.againTo' : 'servers.signIn.to', { name: server.name })}
          onClick={begin}
        >
          {say(problem ? 'servers.signIn.again' : 'servers.signIn.button')}
        </Button>
      </div>
    </div>
  )
}

const bold = (words: ReactNode) => <b>{words}</b>

interface UnderwayProps {
  server: Server
  url: string
  again(): void
  busy: boolean
}

function Underway({ server, url, again, busy }: UnderwayProps) {
  const openable = browserUrl(url)
  return (
    <div className={styles.panel}>
      <p className={styles.waiting} role="status">
        <Spinner />
        <span>
          {openable === null
            ? rich('servers.signIn.waitingCopy', { b: bold })
            : rich('servers.signIn.waitingAt', { b: bold, host: <Plain text={hostOf(url)} /> })}
        </span>
      </p>
      <CopyField
        label={
          openable === null ? say('servers.signIn.openThisAddressIn') : say('servers.signIn.noPageOpenedOpen')
        }
        value={url}
      />
      <div className={styles.buttons}>
        {openable !== null && (
          <a className={styles.link} href={openable} target="_blank" rel="noopener noreferrer">
            {say('servers.signIn.openThePageAgain')}
          </a>
        )}
        <Button
          intent="quiet"
          size="small"
          busy={busy}
          aria-label={say('servers.signIn.startOverSignIn', { name: server.name })}
          onClick={again}
        >
          {say('servers.signIn.startOver')}
        </Button>
      </div>
    </div>
  )
}

/** Who it is signed in with, and the way out; null where there is no sign-in. */
export function SignedIn({ server }: { server: Server }) {
  const out = useCommand('servers.signOut', { inline: true, refreshes: ['servers.list', 'tools.list'] })
  if (server.signIn.state !== 'signed-in') return null
  return (
    <div className={styles.ask}>
      <p className={styles.signed}>
        <Icon name="check" size={18} />
        <span>
          {server.signIn.issuer === null
            ? say('servers.signIn.signedIn')
            : rich('servers.signIn.signedInWith', { host: <Plain text={hostOf(server.signIn.issuer)} /> })}
        </span>
      </p>
      <ConfirmButton
        size="small"
        aria-label={say('servers.signIn.signOutOf', { name: server.name })}
        command={out}
        input={{ id: server.id }}
        question={{
          title: say('servers.signIn.signOutTitle', { name: server.name }),
          text: say('servers.signIn.signOutText'),
          action: say('servers.signIn.signOutAction'),
          keep: say('servers.signIn.signOutKeep'),
        }}
      >
        {say('servers.signIn.signOut')}
      </ConfirmButton>
    </div>
  )
}
