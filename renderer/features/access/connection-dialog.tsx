import { type Ref, useId, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Access, ConnectionRequest, Grant } from '../../../src/contract/access.ts'
import { buttonWords } from '../../../src/contract/agreed/words/button.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Badge } from '../../ui/badge.tsx'
import { Button } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { DialogActions, QuestionDialog } from '../../ui/dialog.tsx'
import { useNow } from '../../ui/hooks/use-now.ts'
import { useWrongFirst } from '../../ui/hooks/use-wrong-first.ts'
import { LONGEST_TITLE, Plain, plain, Quoted } from '../../ui/plain.tsx'
import { Failure, Note } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import { showDone } from '../../ui/toasts.tsx'
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
import { AccessChoice } from './choose/access-choice.tsx'
import { Limits } from './choose/limits.tsx'
import { useSourceName, useWorkspaces } from './choose/use-choices.ts'
import { WorkspaceChoice } from './choose/workspace-choice.tsx'

/** A client at the authorize page: who it says it is, where it would go back to, what it may do. Esc means later, not no. */
export function ConnectionDialog({ request, more }: { request: ConnectionRequest; more: number }) {
  const answer = useAnswer(request)
  const { access, limits, digits, input, approve, deny, settled } = answer
  const decline = useRef<HTMLButtonElement>(null)
  const form = useRef<HTMLFormElement>(null)
  useWrongFirst(form, answer.tries)
  const now = useNow(1_000)

  return (
    <QuestionDialog
      onClose={() => putAside(request.id)}
      above={more > 0 && say('approvals.moreAfterThis', { count: more })}
      focus={request.needsDigits && request.expected ? input : decline}
      title={
        <>
          {rich(request.returning ? 'access.connection.letBackIn' : 'access.connection.letIn', {
            name: <Quoted text={request.clientName} longest={LONGEST_TITLE} />,
          })}{' '}
          <Badge tone="warn">{say('access.connection.unverified')}</Badge>
        </>
      }
      text={request.returning ? say('access.connection.textReturning') : say('access.connection.text')}
    >
      <GoesBackTo request={request} />
      <form
        ref={form}
        id={`allow-${request.id}`}
        hidden={!request.needsDigits}
        noValidate
        onSubmit={(event) => {
          event.preventDefault()
          answer.allow()
        }}
      >
        {request.needsDigits && (
          <Digits ref={input} value={digits} onChange={answer.setDigits} missing={answer.digitsMissing} />
        )}
      </form>
      <Failure of={approve.error ?? deny.error} />
      {request.workspace === 'default' && (
        <WorkspaceChoice
          value={answer.workspace}
          onChange={answer.setWorkspace}
          legend={say('access.connection.whichWorkspace')}
        />
      )}
      <AccessChoice value={access} onChange={answer.setAccess} />
      <Limits
        workspace={answer.workspace}
        value={limits}
        onChange={answer.setLimits}
        now={now}
        problem={answer.tries > 0 ? limitsProblem(limits, now) : undefined}
      />
      <p className={styles.fine}>
        <span>{say('access.connection.changeLater')}</span>
        <span className={styles.left}>{say('common.left', { left: countdown(request.expiresAt, now) })}</span>
        <Button intent="quiet" size="small" onClick={() => putAside(request.id)}>
          {say('common.decideLater')}
        </Button>
      </p>
      <DialogActions
        equal
        safe={
          <Button ref={decline} busy={deny.isPending} onClick={answer.refuse}>
            {buttonWords.decline}
          </Button>
        }
        act={
          <Button
            type="submit"
            form={`allow-${request.id}`}
            busy={approve.isPending}
            disabled={!settled || deny.isPending}
          >
            {request.returning ? buttonWords.letBackIn : buttonWords.letIn}
          </Button>
        }
      />
    </QuestionDialog>
  )
}

/** What is chosen for it, and the two ways to answer. `settled`: it may be allowed. */
function useAnswer(request: ConnectionRequest) {
  const [chosen, setAccess] = useState<Access | null>(null)
  const [chosenLimits, setLimits] = useState<LimitsValue | null>(null)
  const [tries, setTries] = useState(0)
  const { previous, asked } = usePreviousGrant(request)
  const access = chosen ?? previous?.access ?? (request.returning ? 'look' : 'ask')
  const limits =
    chosenLimits ?? (previous ? { tools: previous.tools, expiry: expiryOf(previous.expiresAt) } : NO_LIMITS)
  const [chosenWorkspace, setChosenWorkspace] = useState<string | null>(null)
  const workspace = chosenWorkspace ?? previous?.workspace ?? request.workspace
  const setWorkspace = (next: string) => {
    setChosenWorkspace(next)
    // The tools of one workspace are not those of another.
    setLimits({ ...limits, tools: null })
  }
  const [digits, setDigits] = useState('')
  const [digitsMissing, setDigitsMissing] = useState(false)
  const input = useRef<HTMLInputElement>(null)
  const settled = useSettled() && asked
  const { approve, deny } = useAnswers()
  const refuse = () => !deny.isPending && deny.mutate({ id: request.id })

  const allow = () => {
    if (!settled) return
    setTries((count) => count + 1)
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
        // Left out, it is as before.
        ...(workspace !== (previous?.workspace ?? request.workspace) && { workspace }),
        tools: limits.tools,
        expiresAt: expiryAt(limits.expiry, Date.now()),
        ...(request.needsDigits ? { digits } : {}),
      },
      {
        onError: () => {
          setDigits('')
          // Three were typed: what is wrong with them is said above.
          setDigitsMissing(false)
          input.current?.focus()
        },
      },
    )
  }
  return {
    access,
    setAccess,
    workspace,
    setWorkspace,
    limits,
    setLimits,
    digits,
    setDigits,
    digitsMissing: digitsMissing && digits.length < 3,
    input,
    tries,
    settled,
    approve,
    deny,
    allow,
    refuse,
  }
}

function useAnswers() {
  const approve = useCommand('connections.approve', {
    // The dialog goes with the request.
    inline: ({ code }) => code !== 'wrong-digits-declined',
    refreshes: ['connections.list', 'grants.list'],
    done: (grant) => showDone(say('access.connection.isConnected', { name: grant.name })),
  })
  const deny = useCommand('connections.deny', { inline: true, refreshes: ['connections.list'] })
  return { approve, deny }
}

function GoesBackTo({ request }: { request: ConnectionRequest }) {
  return (
    <>
      <div className={cx(styles.host, !request.expected && styles.wrong)}>
        <span className={styles['host-label']}>{say('access.connection.itGoesBackTo')}</span>
        <span className={styles['host-name']}>
          <Plain text={whereTo(request.redirectHost)} />
        </span>
        <Asked request={request} />
      </div>
      {!request.expected && (
        <Note
          tone="danger"
          message={say('access.connection.unexpected')}
          hint={say('access.connection.unexpectedHint')}
        />
      )}
    </>
  )
}

interface DigitsProps {
  ref: Ref<HTMLInputElement>
  value: string
  onChange(next: string): void
  missing: boolean
}

function Digits({ ref, value, onChange, missing }: DigitsProps) {
  const hint = useId()
  return (
    <label className={styles.digits}>
      <span className={styles['digits-label']}>
        {say('access.connection.threeDigits')}
        <span className={styles['digits-hint']} id={hint}>
          {missing ? say('access.connection.digitsMissing') : say('access.connection.digitsHint')}
        </span>
      </span>
      <input
        ref={ref}
        className={styles['digits-input']}
        value={value}
        onChange={(event) => onChange(event.target.value.replace(/\D/g, '').slice(0, 3))}
        inputMode="numeric"
        autoComplete="off"
        aria-describedby={hint}
        aria-invalid={missing || undefined}
      />
    </label>
  )
}

/** What the request is for, where that is not simply everything. */
function Asked({ request }: { request: ConnectionRequest }) {
  const workspaces = useWorkspaces()
  const scopes = scopeWords(request.scopes, useSourceName())
  const workspace = request.workspace !== 'default' && request.workspace
  if (!workspace && scopes === null) return null
  return (
    <span className={styles['host-label']}>
      {workspace && (
        <>
          {rich('access.connection.workspace', {
            workspace: (
              <b>
                <Plain
                  text={workspaces.find((one) => one.name === workspace)?.title ?? workspace}
                  longest={LONGEST_TITLE}
                />
              </b>
            ),
          })}{' '}
        </>
      )}
      {plain(scopes)}
    </span>
  )
}

/** A client that comes back must not get more than it had only because nobody looked at the choice. */
function usePreviousGrant(request: ConnectionRequest): {
  previous: Grant | null
  /** Nothing more to wait for. */
  asked: boolean
} {
  const grants = useCall('grants.list', undefined, { enabled: request.returning })
  if (!request.returning) return { previous: null, asked: true }
  const found = grants.data?.filter(
    (grant) =>
      grant.kind === 'client' &&
      grant.clientId === request.clientId &&
      whereTo(grant.redirectHost ?? '') === whereTo(request.redirectHost) &&
      // Whichever workspace it was given there.
      (grant.address ?? grant.workspace) === request.workspace,
  )
  return { previous: found?.length === 1 ? (found[0] ?? null) : null, asked: grants.data !== undefined }
}
