import { say } from '../../../locales/say.ts'
import {
  changedPart,
  differenceWords,
  findingWords,
  hasSides,
  placeWords,
} from '../../../src/contract/agreed/difference-words.ts'
import type { Difference, Finding } from '../../../src/contract/tools.ts'
import { Plain, plainLabel } from '../../ui/plain.tsx'
import styles from './differences.module.css'

/** What is another: in words, and side by side in its own. */
export function Differences({ differences }: { differences: readonly Difference[] }) {
  return (
    <ul className={styles.list}>
      {differences.map((difference) => (
        <li key={`${difference.what} ${difference.name ?? ''}`} className={styles.one}>
          <p className={styles.words}>
            <Plain text={differenceWords(difference)} />
          </p>
          {hasSides(difference) && <Sides difference={difference} />}
        </li>
      ))}
    </ul>
  )
}

function Sides({ difference }: { difference: Difference }) {
  const { before, now } = difference
  const parts = before !== null && now !== null ? changedPart(before, now) : null
  const words = plainLabel(differenceWords(difference))
  return (
    <div className={styles.sides}>
      <Side title={say('pins.before')} words={words} text={before}>
        {parts && (
          <>
            <Plain text={parts.start} />
            <del className={styles.gone}>
              <Plain text={parts.before} />
            </del>
            <Plain text={parts.end} />
          </>
        )}
      </Side>
      <Side title={say('pins.now')} words={words} text={now}>
        {parts && (
          <>
            <Plain text={parts.start} />
            <ins className={styles.come}>
              <Plain text={parts.now} />
            </ins>
            <Plain text={parts.end} />
          </>
        )}
      </Side>
    </div>
  )
}

interface SideProps {
  title: string
  words: string
  text: string | null
  children: React.ReactNode
}

function Side({ title, words, text, children }: SideProps) {
  return (
    <section className={styles.side} aria-label={`${words} ${title}`}>
      <p className={styles.title}>{title}</p>
      {text === null ? (
        <p className={styles.nothing}>{say('pins.nothing')}</p>
      ) : (
        // biome-ignore lint/a11y/noNoninteractiveTabindex: what is long must be scrollable with the keyboard
        <pre className={styles.text} tabIndex={0}>
          {children ?? <Plain text={text} />}
        </pre>
      )}
    </section>
  )
}

/** What nobody should have to look for in a definition. */
export function Findings({ findings }: { findings: readonly Finding[] }) {
  if (findings.length === 0) return null
  return (
    <div className={styles.findings}>
      <p className={styles.words}>{say('tools.review.found')}</p>
      <ul>
        {findings.map((finding, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: the same may be found twice
          <li key={index}>
            <Plain
              text={say('tools.review.foundAt', {
                what: findingWords(finding),
                where: placeWords(finding.where),
              })}
            />
          </li>
        ))}
      </ul>
    </div>
  )
}
