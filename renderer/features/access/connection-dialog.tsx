import { useId, useRef, useState } from 'react'
import type { Access, ConnectionRequest, Grant } from '../../../src/contract/access.ts'
import { buttonWords } from '../../../src/contract/button-words.ts'
import { keyOf, problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { LONGEST_TITLE, Plain, plain, Quoted } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { useNow } from '../../ui/use-now.ts'
import {
  expiryAt,
  expiryOf,
  type LimitsValue,
  limitsProblem,
  NO_LIMITS,
  scopeWords,
} from '../../words/limits.ts'
import { countdown } from '../../words/time.ts'
import { whereTo } from '../../words/where-to.ts'
import styles from '../approvals/dialogs.module.css'
import { putAside } from '../approvals/put-aside.ts'
import { useSettled } from '../approvals/use-settled.ts'
import { AccessChoice } from './access-choice.tsx'
import { Limits } from './limits.tsx'
import { useWorkspaces } from './use-choices.ts'

/** A client at the authorize page: who it says it is, where it would go back to, what it may do. Esc means later, not no. */
export function ConnectionDialog({ request, more }: { request: ConnectionRequest; more: number }) {
  const [chosen, setAccess] = useState<Access | null>(null)
  const [chosenLimits, setLimits] = useState<LimitsValue | null>(null)
  const [tried, setTried] = useState(false)
  const { known, asked } = useKnown(request)
  const access = chosen ?? known?.access ?? (request.returning ? 'look' : 'ask')
  const limits =
    chosenLimits ?? (known ? { tools: known.tools, expiry: expiryOf(known.expiresAt) } : NO_LIMITS)
  const [digits, setDigits] = useState('')
  const [digitsMissing, setDigitsMissing] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const decline = useRef<HTMLButtonElement>(null)
  const digitsHint = useId()
  const settled = useSettled()
  const now = useNow(1_000)
  const approve = useCommand('connections.approve', {
    inline: true,
    done: (grant, client) => {
      showDone(`${grant.name} is connected`)
      void client.invalidateQueries({ queryKey: keyOf('connections.list') })
      void client.invalidateQueries({ queryKey: keyOf('grants.list') })
    },
  })
  const deny = useCommand('connections.deny', {
    inline: true,
    done: (_output, client) => void client.invalidateQueries({ queryKey: keyOf('connections.list') }),
  })
  const problem = approve.error ?? deny.error
  const say = { no: () => !deny.isPending && deny.mutate({ id: request.id }) }

  const allow = () => {
    if (!settled || !asked) return
    setTried(true)
    if (limitsProblem(limits, Date.now())) return
    if (request.needsDigits && !/^\d{3}$/.test(digits)) {
      setDigitsMissing(true)
      input.current?.focus()
      return
    }
    approve.mutate(
      {
        id: request.id,
        access,
        tools: limits.tools,
        expiresAt: expiryAt(limits.expiry, Date.now()),
        ...(request.needsDigits ? { digits } : {}),
      },
      {
        onError: () => {
          setDigits('')
          input.current?.focus()
        },
      },
    )
  }

  return (
    <QuestionDialog
      open
      onClose={() => putAside(request.id)}
      above={more > 0 && `${more} more waiting after this`}
      focus={request.needsDigits && request.expected ? input : decline}
      title={
        <>
          {request.returning ? 'Let ' : 'Let in '}
          <Quoted text={request.clientName} longest={LONGEST_TITLE} />
          {request.returning && ' back in'}? <Badge tone="warn">name unverified</Badge>
        </>
      }
      text={
        request.returning
          ? 'It was connected before and asks to come back. Decline if you did not start this.'
          : 'It asks to use your tools. Decline if you did not start this a moment ago.'
      }
    >
      <div className={cx(styles.host, !request.expected && styles.wrong)}>
        <span className={styles['host-label']}>It goes back to</span>
        <span className={styles['host-name']}>
          <Plain text={whereTo(request.redirectHost)} />
        </span>
        <Asked request={request} />
      </div>
      {!request.expected && (
        <Problem
          announce={false}
          problem={{
            message: 'This is not the address you were expecting.',
            hint: 'If you do not know it, decline: somebody may be trying to get in.',
          }}
        />
      )}
      <form
        id={`allow-${request.id}`}
        hidden={!request.needsDigits}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          allow()
        }}
      >
        {request.needsDigits && (
          <label className={styles.digits}>
            <span className={styles['digits-label']}>
              Three digits
              <span className={styles['digits-hint']} id={digitsHint}>
                {digitsMissing && digits.length < 3
                  ? 'Type all three digits first.'
                  : 'The page in your browser shows them.'}
              </span>
            </span>
            <input
              ref={input}
              className={styles['digits-input']}
              value={digits}
              onChange={(event) => setDigits(event.target.value.replace(/\D/g, '').slice(0, 3))}
              inputMode="numeric"
              autoComplete="off"
              aria-describedby={digitsHint}
              aria-invalid={(digitsMissing && digits.length < 3) || undefined}
            />
          </label>
        )}
      </form>
      {problem !== null && <Problem problem={problemOf(problem)} />}
      <AccessChoice value={access} onChange={setAccess} />
      <Limits
        workspace={request.workspace}
        value={limits}
        onChange={setLimits}
        now={now}
        problem={tried ? limitsProblem(limits, now) : undefined}
      />
      <p className={styles.fine}>
        <span>You can change or take this back under Access.</span>
        <span className={styles.left}>{countdown(request.expiresAt, now)} left</span>
        <Button intent="quiet" size="small" onClick={() => putAside(request.id)}>
          Decide later
        </Button>
      </p>
      <DialogActions
        equal
        safe={
          <Button ref={decline} busy={deny.isPending} onClick={say.no}>
            {buttonWords.decline}
          </Button>
        }
        act={
          <Button
            type="submit"
            form={`allow-${request.id}`}
            busy={approve.isPending}
            disabled={!settled || !asked || deny.isPending}
          >
            {request.returning ? buttonWords.letBackIn : buttonWords.letIn}
          </Button>
        }
      />
    </QuestionDialog>
  )
}

/** What the request is for, where that is not simply everything. */
function Asked({ request }: { request: ConnectionRequest }) {
  const workspaces = useWorkspaces()
  const tools = useCall('tools.list', undefined)
  const scopes = scopeWords(
    request.scopes,
    (id) => tools.data?.find((tool) => tool.sourceId === id)?.source ?? id,
  )
  const workspace = request.workspace !== 'default' && request.workspace
  if (!workspace && scopes === null) return null
  return (
    <span className={styles['host-label']}>
      {workspace && (
        <>
          Workspace:{' '}
          <b>
            <Plain
              text={workspaces.find((one) => one.name === workspace)?.title ?? workspace}
              longest={LONGEST_TITLE}
            />
          </b>
          .{' '}
        </>
      )}
      {plain(scopes)}
    </span>
  )
}

/** A client that comes back must not get more than it had only because nobody looked at the choice. */
function useKnown(request: ConnectionRequest): {
  known: Grant | null /** Nothing more to wait for. */
  asked: boolean
} {
  const grants = useCall('grants.list', undefined, { enabled: request.returning })
  if (!request.returning) return { known: null, asked: true }
  const known = grants.data?.filter(
    (grant) =>
      grant.kind === 'client' &&
      grant.clientId === request.clientId &&
      whereTo(grant.redirectHost ?? '') === whereTo(request.redirectHost) &&
      grant.workspace === request.workspace,
  )
  return { known: known?.length === 1 ? (known[0] ?? null) : null, asked: grants.data !== undefined }
}
