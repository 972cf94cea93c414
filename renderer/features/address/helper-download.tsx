import { say } from '../../../locales/say.ts'
import type { HelperId } from '../../../src/contract/helpers.ts'
import type { Bridge } from '../../../src/contract/status.ts'
import { keyOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button, PageLink } from '../../ui/button.tsx'
import { Problem } from '../../ui/problem.tsx'
import styles from './address.module.css'

type Action = NonNullable<Bridge['action']>

export const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000)

function useDownload(id: HelperId) {
  const state = () => keyOf('helpers.downloads')
  const download = useCall('helpers.downloads', undefined).data?.find((one) => one.id === id)
  return {
    download,
    fetch: useCommand('helpers.fetch', { state }),
    cancel: useCommand('helpers.cancel', { state }),
  }
}

interface NeededProps {
  problem: { message: string; hint: string }
  action: Action | undefined
  tone: 'warn' | 'info'
}

/** What is in the way, and what to press: a page that opens, or a program to fetch, with how far that is. */
export function ProblemWithAction({ problem, action, tone }: NeededProps) {
  if (action?.fetches)
    return <HelperProblem id={action.fetches} problem={problem} action={action} tone={tone} />
  return (
    <Problem
      tone={tone}
      announce={false}
      problem={problem}
      action={action && <PageLink href={action.url}>{action.label}</PageLink>}
    />
  )
}

function HelperProblem({ id, problem, action, tone }: NeededProps & { id: HelperId; action: Action }) {
  const { download, fetch, cancel } = useDownload(id)
  if (!download) {
    return (
      <Problem
        tone={tone}
        announce={false}
        problem={problem}
        action={
          <Button busy={fetch.isPending} onClick={() => fetch.mutate({ id })}>
            {action.label}
          </Button>
        }
      />
    )
  }
  const { title, done, bytes, failure } = download
  if (failure) {
    return (
      <div className={styles.download}>
        <Problem
          problem={failure}
          action={
            <Button busy={fetch.isPending} onClick={() => fetch.mutate({ id })}>
              {say('common.tryAgain')}
            </Button>
          }
        />
        <p className={styles.elsewhere}>
          <PageLink intent="quiet" size="small" href={action.url}>
            {say('tunnel.getHelper', { title })}
          </PageLink>
        </p>
      </div>
    )
  }
  return (
    <div className={styles.download}>
      <Problem
        tone="info"
        announce={false}
        problem={{
          message: say('helper.fetching', { title }),
          hint: say('helper.progress', { done: megabytes(done), bytes: megabytes(bytes) }),
        }}
        action={
          <Button busy={cancel.isPending} onClick={() => cancel.mutate({ id })}>
            {say('common.cancel')}
          </Button>
        }
      />
      <progress
        className={styles.progress}
        value={done}
        max={bytes}
        aria-label={say('helper.fetching', { title })}
      />
    </div>
  )
}
