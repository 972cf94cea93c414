import { useEffect, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Diagnosis } from '../../../src/contract/doctor.ts'
import { problemOf, useCall, useCommand } from '../../pipe/host.tsx'
import { Button, Spinner } from '../../ui/button.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import { BackLink, Card, Page } from '../../ui/page.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { rich } from '../../ui/rich.tsx'
import { Small } from '../../ui/text.tsx'
import tones from '../../ui/tones.module.css'
import { moment } from '../../words/time.ts'
import { useWorkspaces } from '../access/choose/use-choices.ts'
import { WorkspaceChoice } from '../access/choose/workspace-choice.tsx'
import styles from './doctor-page.module.css'
import { FindingRow } from './finding-row.tsx'
import { countsWords } from './finding-words.ts'
import { useRevealed } from './use-revealed.ts'

/** Goes the way ChatGPT goes, and says step by step how far it gets. */
export function DoctorPage() {
  const [workspace, setWorkspace] = useState('default')
  const severalWorkspaces = useWorkspaces().length > 1
  const run = useCommand('doctor.run', { inline: true })
  const bridge = useCall('status.get', undefined).data?.bridge
  const begun = useRef(false)
  const check = (which: string) => run.mutate({ workspace: which })
  // Whoever comes here has pressed the button for it already.
  // biome-ignore lint/correctness/useExhaustiveDependencies: once per visit
  useEffect(() => {
    if (begun.current) return
    begun.current = true
    check(workspace)
  }, [])
  return (
    <Page
      title={say('doctor.title')}
      lead={say('doctor.lead')}
      above={<BackLink to="/">{say('common.home')}</BackLink>}
      action={
        <Button busy={run.isPending} onClick={() => check(workspace)}>
          {!run.isPending && <Icon name="refresh" size={16} />}{' '}
          {run.isPending ? say('doctor.checking') : say('doctor.checkAgain')}
        </Button>
      }
    >
      {severalWorkspaces && (
        <WorkspaceChoice
          value={workspace}
          onChange={(next) => {
            setWorkspace(next)
            check(next)
          }}
        />
      )}
      {run.isPending && (
        <Card className={styles.summary}>
          <Spinner />
          <p role="status">
            {bridge?.publicUrl && bridge.tunnelId === undefined
              ? say('doctor.goingOutAndComing', { host: new URL(bridge.publicUrl).host })
              : say('doctor.checking')}
          </p>
        </Card>
      )}
      {!run.isPending && run.error !== null && <Problem problem={problemOf(run.error)} />}
      {!run.isPending && run.data && <Result key={run.data.value.at} diagnosis={run.data.value} />}
    </Page>
  )
}

function Result({ diagnosis }: { diagnosis: Diagnosis }) {
  const shown = useRevealed(diagnosis.findings.length)
  return (
    <>
      <Card className={styles.findings}>
        <ol data-divided>
          {diagnosis.findings.slice(0, shown).map((finding) => (
            <FindingRow key={finding.id} finding={finding} />
          ))}
        </ol>
      </Card>
      {shown >= diagnosis.findings.length && (
        <Card className={cx(styles.summary, tones[diagnosis.ok ? 'ok' : 'warn'])}>
          <Icon name={diagnosis.ok ? 'check' : 'warning'} size={26} />
          <div role="status">
            <p className={styles['summary-title']}>
              <Plain text={diagnosis.summary} />
            </p>
            <p>{countsWords(diagnosis.findings)}</p>
          </div>
        </Card>
      )}
      <Small>
        {rich(diagnosis.through === 'public' ? 'doctor.checkedPublic' : 'doctor.checkedLocal', {
          url: <Plain text={diagnosis.url} />,
          when: moment(diagnosis.at, Date.now()),
        })}
      </Small>
    </>
  )
}
