import { useState } from 'react'
import type { Server } from '../../../src/contract/models.ts'
import { Badge } from '../../parts/badge.tsx'
import { Button } from '../../parts/button.tsx'
import { ConfirmDialog } from '../../parts/dialog.tsx'
import { Icon } from '../../parts/icon.tsx'
import { Problem } from '../../parts/problem.tsx'
import { keyOf, patchCall, problemOf, useCommand } from '../../pipe/host.tsx'
import { SERVER_WORDS } from '../../words/access.ts'
import { quoteWord } from '../../words/command-line.ts'
import styles from './tools-page.module.css'

export function ServerState({ server }: { server: Server }) {
  const words = SERVER_WORDS[server.state]
  return (
    <Badge tone={words.tone} dot>
      {words.label}
    </Badge>
  )
}

/** What runs, or where it is. */
export function ServerLine({ server }: { server: Server }) {
  const line =
    server.kind === 'http'
      ? (server.url ?? '')
      : [server.command ?? '', ...server.args].map((word) => quoteWord(word)).join(' ')
  return (
    <span className={styles.line} title={server.cwd === null ? line : `${line} in ${server.cwd}`}>
      <code>{line}</code>
      {server.cwd !== null && (
        <>
          {' '}
          in <code>{server.cwd}</code>
        </>
      )}
    </span>
  )
}

export function ServerButtons({ server }: { server: Server }) {
  const [removing, setRemoving] = useState(false)
  const restart = useCommand('servers.restart', {
    optimistic: (client, { id }) =>
      patchCall(client, 'servers.list', undefined, (old) =>
        old.map((other) => (other.id === id ? { ...other, state: 'starting' as const, error: null } : other)),
      ),
    done: (_server, client) => void client.invalidateQueries({ queryKey: keyOf('servers.list') }),
  })
  const remove = useCommand('servers.remove', {
    inline: true,
    done: (_output, client) => {
      setRemoving(false)
      void client.invalidateQueries({ queryKey: keyOf('servers.list') })
      void client.invalidateQueries({ queryKey: keyOf('tools.list') })
    },
  })
  return (
    <div className={styles.buttons}>
      <Button
        intent="quiet"
        size="small"
        busy={restart.isPending}
        onClick={() => restart.mutate({ id: server.id })}
        aria-label={`Restart ${server.name}`}
      >
        {!restart.isPending && <Icon name="refresh" size={16} />} Restart
      </Button>
      <Button
        intent="quiet-danger"
        size="small"
        onClick={() => setRemoving(true)}
        aria-label={`Remove ${server.name}`}
      >
        <Icon name="trash" size={16} /> Remove
      </Button>
      <ConfirmDialog
        open={removing}
        onClose={() => setRemoving(false)}
        title={`Remove “${server.name}”?`}
        text="Its program is stopped and its tools are gone for every assistant. Keys and passwords you gave it here are deleted."
        action="Remove"
        keep="Keep it"
        danger
        busy={remove.isPending}
        problem={remove.error ? problemOf(remove.error) : null}
        onConfirm={() => remove.mutate({ id: server.id })}
      />
    </div>
  )
}

/** What is wrong with it, and the last lines it wrote. */
export function ServerDetails({ server }: { server: Server }) {
  if (!server.error && server.log.length === 0) return null
  return (
    <div className={styles.inside}>
      {server.error && <Problem problem={server.error} announce={false} />}
      {server.log.length > 0 && (
        <details className={styles.log}>
          <summary>
            What it wrote last ({server.log.length === 1 ? '1 line' : `${server.log.length} lines`})
          </summary>
          {/* biome-ignore lint/a11y/noNoninteractiveTabindex: a long log must be scrollable with the keyboard */}
          <pre tabIndex={0}>{server.log.join('\n')}</pre>
        </details>
      )}
    </div>
  )
}
