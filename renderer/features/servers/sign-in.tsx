import { useState } from 'react'
import type { Server } from '../../../src/contract/servers.ts'
import { keyOf, problemOf, useCommand } from '../../pipe/host.tsx'
import { Button, Spinner } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { ConfirmDialog } from '../../ui/dialog.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
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
          <b>This server wants to know who you are.</b>{' '}
          {server.signIn.issuer === null ? (
            'Your browser opens its sign-in page.'
          ) : (
            <>
              Your browser opens the sign-in page of <Plain text={hostOf(server.signIn.issuer)} />.
            </>
          )}{' '}
          Drawbridge never sees your password.
        </p>
        <Button
          intent="primary"
          size="large"
          busy={signIn.isPending}
          aria-label={problem ? `Try again: sign in to ${server.name}` : `Sign in to ${server.name}`}
          onClick={begin}
        >
          {problem ? 'Try again…' : 'Sign in…'}
        </Button>
      </div>
    </div>
  )
}

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
          <b>Waiting for you to sign in.</b>{' '}
          {openable === null ? (
            'Copy the address below, and open it in your browser.'
          ) : (
            <>
              Go on in your browser, at <Plain text={hostOf(url)} />.
            </>
          )}{' '}
          When you have finished there, this goes on by itself.
        </span>
      </p>
      <CopyField
        label={openable === null ? 'Open this address in your browser' : 'No page opened? Open this address'}
        value={url}
      />
      <div className={styles.buttons}>
        {openable !== null && (
          <a className={styles.link} href={openable} target="_blank" rel="noopener noreferrer">
            Open the page again
          </a>
        )}
        <Button
          intent="quiet"
          size="small"
          busy={busy}
          aria-label={`Start over: sign in to ${server.name}`}
          onClick={again}
        >
          Start over
        </Button>
      </div>
    </div>
  )
}

/** Who it is signed in with, and the way out; null where there is no sign-in. */
export function SignedIn({ server }: { server: Server }) {
  const [asking, setAsking] = useState(false)
  const out = useCommand('servers.signOut', {
    inline: true,
    done: (_server, client) => {
      void client.invalidateQueries({ queryKey: keyOf('servers.list') })
      void client.invalidateQueries({ queryKey: keyOf('tools.list') })
      setAsking(false)
    },
  })
  if (server.signIn.state !== 'signed-in') return null
  return (
    <div className={styles.ask}>
      <p className={styles.signed}>
        <Icon name="check" size={18} />
        <span>
          {server.signIn.issuer === null ? (
            'Signed in.'
          ) : (
            <>
              Signed in with <Plain text={hostOf(server.signIn.issuer)} />.
            </>
          )}{' '}
          The sign-in is kept with your other secrets.
        </span>
      </p>
      <Button size="small" aria-label={`Sign out of ${server.name}`} onClick={() => setAsking(true)}>
        Sign out…
      </Button>
      <ConfirmDialog
        open={asking}
        onClose={() => setAsking(false)}
        title={`Sign out of “${server.name}”?`}
        text="Its tools stop working for every assistant until you sign in again. What you allowed stays as it is."
        action="Sign out"
        keep="Stay signed in"
        busy={out.isPending}
        problem={out.error ? problemOf(out.error) : null}
        onConfirm={() => out.mutate({ id: server.id })}
      />
    </div>
  )
}
