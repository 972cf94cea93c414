import { Fragment, type ReactNode } from 'react'
import { say } from '../../locales/say.ts'
import { dots, type ShownValue } from '../../src/contract/agreed/shown-value.ts'
import { hostOf } from '../words/server.ts'
import styles from './exact-run.module.css'
import marked from './marked.module.css'
import { Plain } from './plain.tsx'
import { rich } from './rich.tsx'

export interface RunFacts {
  command: string | null
  args: readonly string[]
  cwd: string | null
  url: string | null
  env: readonly string[]
  headers: readonly string[]
  /** Of variables or headers, as far as they are shown (`shown-value.ts`); null: names only. */
  values: readonly ShownValue[] | null
  confined: boolean
  oauth: { clientId: string; scopes: readonly string[] } | null
}

/** Exactly what is started, word by word, or exactly where Drawbridge connects to. Values are shown whole, secrets stay dots. */
export function ExactRun({ title, facts }: { title: string; facts: RunFacts }) {
  return (
    <section className={styles.run} aria-label={title}>
      <p className={styles.title}>{title}</p>
      <dl>{facts.command !== null ? <Program facts={facts} /> : <Address facts={facts} />}</dl>
      {facts.values?.some(({ masked }) => masked) && (
        <p className={styles.note}>{say('ui.exactRun.dotsStandForA')}</p>
      )}
    </section>
  )
}

function Program({ facts }: { facts: RunFacts }) {
  return (
    <>
      <Fact label={say('ui.exactRun.program')}>
        <Word text={facts.command ?? ''} />
      </Fact>
      {facts.args.map((arg, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: words have no other identity than their place
        <Fact key={index} label={say('ui.exactRun.argument', { number: index + 1 })}>
          {arg === '' ? say('exactRun.empty') : <Word text={arg} />}
        </Fact>
      ))}
      <Fact label={say('ui.exactRun.in')}>
        {facts.cwd !== null ? (
          <Word text={facts.cwd} />
        ) : facts.confined ? (
          say('ui.exactRun.aFolderOfIts')
        ) : (
          say('ui.exactRun.yourHomeFolder')
        )}
      </Fact>
      <Fact label={say('ui.exactRun.reaches')}>
        {facts.confined ? say('ui.exactRun.onlyThatFolderIt') : say('ui.exactRun.allFilesAndPrograms')}
      </Fact>
      <Values label={say('ui.exactRun.with')} between=" = " names={facts.env} values={facts.values} />
    </>
  )
}

function Address({ facts }: { facts: RunFacts }) {
  return (
    <>
      <Fact label={say('ui.exactRun.goesTo')}>
        <b>
          <Plain text={hostOf(facts.url)} />
        </b>
      </Fact>
      <Fact label={say('ui.exactRun.address')}>
        <Word text={facts.url ?? ''} />
      </Fact>
      {facts.oauth !== null && (
        <Fact label={say('ui.exactRun.signsInAs')}>
          <Word text={facts.oauth.clientId} />
        </Fact>
      )}
      {facts.oauth?.scopes.map((scope) => (
        <Fact key={scope} label={say('ui.exactRun.asksFor')}>
          <Word text={scope} />
        </Fact>
      ))}
      <Values label={say('ui.exactRun.sends')} between=": " names={facts.headers} values={facts.values} />
    </>
  )
}

function Values({
  label,
  between,
  names,
  values,
}: {
  label: string
  between: string
  names: readonly string[]
  values: readonly ShownValue[] | null
}) {
  const shown = values ?? names.map((name) => ({ name, text: dots, masked: true }))
  return shown.map(({ name, text, masked }) => (
    <Fact key={name} label={label}>
      <Word text={name} />
      {between}
      {/* Outside of the box, where no value can stand. */}
      {masked ? (
        rich('exactRun.hidden', { value: <Plain text={text} /> })
      ) : text === '' ? (
        say('exactRun.empty')
      ) : (
        <Word text={text} />
      )}
    </Fact>
  ))
}

/** A line of a list of facts. */
export function Fact({ label, children }: { label: string; children: ReactNode }) {
  return (
    <div className={styles.fact}>
      <dt>{label}</dt>
      <dd>{children}</dd>
    </div>
  )
}

/** A line break is written out as well: after it, a value could look like the next row. */
const Word = ({ text }: { text: string }) => (
  <code>
    {text.split('\n').map((line, index) => (
      // biome-ignore lint/suspicious/noArrayIndexKey: lines have no other identity than their place
      <Fragment key={index}>
        {index > 0 && <span className={marked.code}>{say('ui.exactRun.u000a')}</span>}
        {index > 0 && '\n'}
        <Plain text={line} />
      </Fragment>
    ))}
  </code>
)
