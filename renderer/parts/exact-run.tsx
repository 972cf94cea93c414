import type { ReactNode } from 'react'
import { hostOf } from '../words/server.ts'
import styles from './exact-run.module.css'
import { Plain } from './plain.tsx'

export interface RunFacts {
  command: string | null
  args: readonly string[]
  cwd: string | null
  url: string | null
  /** Names only. */
  env: readonly string[]
  headers: readonly string[]
}

/** Exactly what is started, word by word, or exactly where Drawbridge connects to. Values of secrets stay dots. */
export function ExactRun({ title, facts }: { title: string; facts: RunFacts }) {
  return (
    <section className={styles.run} aria-label={title}>
      <p className={styles.title}>{title}</p>
      <dl>{facts.command !== null ? <Program facts={facts} /> : <Address facts={facts} />}</dl>
    </section>
  )
}

function Program({ facts }: { facts: RunFacts }) {
  return (
    <>
      <Row label="program">
        <Word text={facts.command ?? ''} />
      </Row>
      {facts.args.map((arg, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: words have no other identity than their place
        <Row key={index} label={`argument ${index + 1}`}>
          {arg === '' ? '(empty)' : <Word text={arg} />}
        </Row>
      ))}
      <Row label="in">{facts.cwd === null ? 'your home folder' : <Word text={facts.cwd} />}</Row>
      {facts.env.map((name) => (
        <Row key={name} label="with">
          <Word text={name} /> = ••••••
        </Row>
      ))}
    </>
  )
}

function Address({ facts }: { facts: RunFacts }) {
  return (
    <>
      <Row label="goes to">
        <b>
          <Plain text={hostOf(facts.url)} />
        </b>
      </Row>
      <Row label="address">
        <Word text={facts.url ?? ''} />
      </Row>
      {facts.headers.map((name) => (
        <Row key={name} label="sends">
          <Word text={name} />: ••••••
        </Row>
      ))}
    </>
  )
}

function Row({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.row}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

const Word = ({ text }: { text: string }) => (
  <code>
    <Plain text={text} />
  </code>
)
