import { say } from '../../../../locales/say.ts'
import { shownValue } from '../../../../src/contract/agreed/shown-value.ts'
import type { ErrorReply } from '../../../../src/contract/errors.ts'
import {
  type Answers,
  openAsks,
  type PastedAsk,
  type PastedServer,
  pastedInput,
} from '../../../../src/contract/pasted.ts'
import { Check } from '../../../ui/check.tsx'
import { Choice } from '../../../ui/choice.tsx'
import { ExactRun } from '../../../ui/exact-run.tsx'
import { TextField } from '../../../ui/field.tsx'
import { LONGEST_TITLE, Plain, plainLabel, Quoted } from '../../../ui/plain.tsx'
import { Problem } from '../../../ui/problem.tsx'
import { Small } from '../../../ui/text.tsx'
import { wrongIn } from '../../../words/wrong.ts'
import styles from './add-server.module.css'

/** One of them as it stands here: taken or not, under which name, with what filled in. */
export interface Row {
  server: PastedServer
  taken: boolean
  name: string
  answers: Answers
  /** What the host said about it. */
  problem: ErrorReply | null
  added: boolean
}

export const nameProblem = ({ name, server, answers }: Row): string | undefined =>
  wrongIn('servers.add', pastedInput(server, name, answers), 'name')

interface RowProps {
  row: Row
  alone: boolean
  tried: boolean
  change(patch: Partial<Row>): void
}

/** One server of a pasted text: what is to be filled in, what would run then, and how it is called. */
export function ServerRow({ row, alone, tried, change }: RowProps) {
  const { server, taken, name, answers, problem, added } = row
  const body = (
    <>
      {server.asks.map((ask) => (
        <AskField
          key={ask.id}
          ask={ask}
          value={answers[ask.id] ?? ask.preset}
          wrong={tried && openAsks(server, answers).some(({ id }) => id === ask.id)}
          onChange={(value) => change({ answers: { ...answers, [ask.id]: value } })}
        />
      ))}
      <Run row={row} />
      {server.notes.length > 0 && (
        <ul className={styles.notes}>
          {server.notes.map((note) => (
            <li key={note}>
              <Plain text={note} written />
            </li>
          ))}
        </ul>
      )}
      <TextField
        label={say('common.name')}
        value={name}
        maxLength={40}
        onChange={(next) => change({ name: next })}
        hint={alone ? say('servers.add.nameHint') : undefined}
        wrong={tried ? nameProblem(row) : undefined}
      />
      {problem && <Problem problem={problem} />}
    </>
  )
  if (alone) return body
  return (
    <fieldset className={styles.server}>
      <legend className={styles['server-name']}>
        <Check
          label={<Quoted text={server.name} longest={LONGEST_TITLE} />}
          strong
          checked={taken}
          onChange={(next) => change({ taken: next })}
        />
      </legend>
      {added ? <Small>{say('servers.pasted.itWasKept')}</Small> : taken && body}
    </fieldset>
  )
}

function AskField({
  ask,
  value,
  wrong,
  onChange,
}: {
  ask: PastedAsk
  value: string
  wrong: boolean
  onChange(value: string): void
}) {
  const label = plainLabel(ask.label)
  if (ask.choices !== null && ask.choices.length > 0)
    return (
      <div className={styles.limit}>
        <span className={styles['pairs-label']}>{label}</span>
        <Choice
          label={label}
          value={value}
          options={ask.choices.map((choice) => ({ value: choice, label: plainLabel(choice) }))}
          onChange={onChange}
        />
      </div>
    )
  return (
    <TextField
      label={label}
      mono
      type={ask.secret ? 'password' : 'text'}
      value={value}
      placeholder={ask.example === '' ? undefined : plainLabel(ask.example)}
      hint={<Plain text={`${sentence(ask.description)}${say('servers.pasted.for', { where: ask.where })}`} />}
      wrong={wrong ? say('servers.pasted.fillThisIn') : undefined}
      onChange={onChange}
    />
  )
}

/** Descriptions are often bare words, and another sentence comes behind. */
const sentence = (text: string | null): string => {
  const bare = text?.trim() ?? ''
  return bare === '' ? '' : `${bare}${/[.!?:…]$/.test(bare) ? '' : '.'} `
}

/** As it would run now; what is not filled in stands there as in the text. */
function Run({ row: { server, name, answers } }: { row: Row }) {
  const input = pastedInput(server, name, answers)
  const values = Object.entries(input.kind === 'stdio' ? (input.env ?? {}) : (input.headers ?? {}))
  const local = input.kind === 'stdio'
  const open = openAsks(server, answers).length > 0
  return (
    <ExactRun
      title={say(`servers.pasted.${local ? 'runs' : 'connects'}${open ? 'Then' : 'Now'}`)}
      facts={{
        command: local ? input.command : null,
        args: local ? (input.args ?? []) : [],
        cwd: (local && input.cwd) || null,
        url: local ? null : input.url,
        ...{ env: [], headers: [], confined: false },
        values: values.map(([key, value]) => shownValue(key, value)),
        oauth:
          local || !input.oauth ? null : { clientId: input.oauth.clientId, scopes: input.oauth.scopes ?? [] },
      }}
    />
  )
}
