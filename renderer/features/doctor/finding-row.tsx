import { say } from '../../../locales/say.ts'
import { visibleText } from '../../../src/contract/agreed/visible-text.ts'
import { findingTitle } from '../../../src/contract/agreed/words/finding-title.ts'
import type { Finding } from '../../../src/contract/doctor.ts'
import { cx } from '../../ui/cx.ts'
import { Icon } from '../../ui/icon.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Small, Spoken, StepTitle } from '../../ui/text.tsx'
import tones from '../../ui/tones.module.css'
import { took } from '../../words/time.ts'
import styles from './doctor-page.module.css'
import { findingWords } from './finding-words.ts'

export function FindingRow({ finding }: { finding: Finding }) {
  const words = findingWords(finding.state)
  return (
    <li className={styles.finding}>
      <span className={cx(styles.mark, tones[words.tone])} role="img" aria-label={words.label}>
        <Icon name={words.icon} size={16} />
      </span>
      <div className={styles.body}>
        <StepTitle
          title={findingTitle(finding)}
          time={finding.state === 'skipped' ? null : took(finding.took)}
        />
        {finding.problem && (
          <p className={styles.problem}>
            {finding.state === 'skipped' && (
              <>
                <Plain text={finding.problem.message} written="lines" />{' '}
              </>
            )}
            <Plain text={finding.problem.hint} written="lines" />
          </p>
        )}
        {(finding.sent || finding.received) && (
          <details className={styles.details}>
            <summary>
              {say('doctor.exchange')}
              <Spoken>
                : <Plain text={finding.title} />
              </Spoken>
            </summary>
            {finding.sent && <Text label={say('doctor.sent')} text={finding.sent} />}
            {finding.received && <Text label={say('doctor.cameBack')} text={finding.received} />}
          </details>
        )}
      </div>
    </li>
  )
}

function Text({ label, text }: { label: string; text: string }) {
  return (
    <>
      <Small>{label}</Small>
      <LongText label={label} className={styles.text} text={visibleText(text)} codes="text" />
    </>
  )
}
