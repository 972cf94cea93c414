import { say } from '../../../locales/say.ts'
import type { Step } from '../../../src/contract/setup.ts'
import { Spinner } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Problem } from '../../ui/problem.tsx'
import { StepTitle } from '../../ui/text.tsx'
import { moment } from '../../words/time.ts'
import styles from './connect-page.module.css'

interface ConnectStepProps {
  step: Step
  number: number
  /** The ten minutes run: the current step is being waited for. */
  watching: boolean
}

export function ConnectStep({ step, number, watching }: ConnectStepProps) {
  return (
    <li
      className={cx(styles.step, styles[step.state])}
      aria-current={step.state === 'now' ? 'step' : undefined}
    >
      <span className={styles.mark} role="img" aria-label={say(`connect.step.${step.state}`, { number })}>
        <Mark state={step.state} number={number} watching={watching} />
      </span>
      <div className={styles.body}>
        <StepTitle
          title={step.title}
          time={step.state === 'done' && step.at !== null ? moment(step.at, Date.now()) : null}
        />
        {step.text && step.state !== 'done' && <Words text={step.text} />}
        {step.copy && (
          <CopyField label={step.copy.label} value={step.copy.value} whole={step.id === 'call'} />
        )}
        {step.fields && (
          <details className={styles.more}>
            <summary>{say('connect.fields')}</summary>
            {step.fields.map(({ label, value }) => (
              <CopyField key={label} label={label} value={value} whole />
            ))}
          </details>
        )}
        {step.problem && <Problem problem={step.problem} />}
      </div>
    </li>
  )
}

/** What to do; folded, what is said of other versions and plans. */
function Words({ text }: { text: string }) {
  const [doing = '', ...otherwise] = text.split('\n\n')
  return (
    <>
      <Lines text={doing} />
      {otherwise.length > 0 && (
        <details className={styles.more}>
          <summary>{say('connect.otherwise')}</summary>
          <Lines text={otherwise.join('\n')} />
        </details>
      )}
    </>
  )
}

/** One line for each thing to do. */
function Lines({ text }: { text: string }) {
  const lines = text.split('\n')
  if (lines.length === 1)
    return (
      <p className={styles.text}>
        <Plain text={text} />
      </p>
    )
  return (
    <ul className={cx(styles.text, styles.lines)}>
      {lines.map((line) => (
        <li key={line}>
          <Plain text={line} />
        </li>
      ))}
    </ul>
  )
}

function Mark({ state, number, watching }: { state: Step['state']; number: number; watching: boolean }) {
  if (state === 'done') return <Icon name="check" size={16} />
  if (state === 'failed') return <Icon name="cross" size={16} />
  if (state === 'now' && watching) return <Spinner />
  return number
}
