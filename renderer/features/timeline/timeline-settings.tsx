import { useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { TimelineOverview } from '../../../src/contract/timeline.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { Choice } from '../../ui/choice.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useChanges } from '../../ui/hooks/use-changes.ts'
import { Card, Section, Setting } from '../../ui/page.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Note } from '../../ui/problem.tsx'
import { numberChoices } from '../../words/number-choices.ts'
import { moment } from '../../words/time.ts'
import styles from './timeline-page.module.css'

const DAYS = [7, 30, 90] as const
const USUAL = 90

/** How long events are kept, and the file that they are read from. */
export function TimelineSettings({ overview }: { overview: TimelineOverview }) {
  const preferences = useCall('preferences.get', undefined)
  const change = useCommand('preferences.set', { refreshes: ['preferences.get', 'timeline.overview'] })
  const [choosing, setChoosing] = useState(false)
  if (!preferences.data) return null
  const { timelineDays = USUAL, timelineFile = null } = preferences.data
  const { file } = overview
  return (
    <Section title={say('timeline.settings')}>
      <Card lines="apart">
        <Setting title={say('timeline.kept')} text={say('timeline.keptText')}>
          <Choice
            label={say('timeline.kept')}
            value={String(timelineDays)}
            options={numberChoices<number>(DAYS, timelineDays, (days) =>
              say('timeline.days', { days, usual: days === USUAL }),
            )}
            onChange={(days) => change.mutate({ timelineDays: Number(days) })}
          />
        </Setting>
        <Setting
          title={say('timeline.file')}
          text={
            timelineFile === null ? (
              say('timeline.fileNone')
            ) : (
              <code className={styles.path}>
                <Plain text={timelineFile} longest={300} />
              </code>
            )
          }
        >
          <Button onClick={() => setChoosing(true)}>
            {say(timelineFile === null ? 'timeline.fileChoose' : 'timeline.fileChange')}
          </Button>
        </Setting>
      </Card>
      {file?.problem && <Note message={say('timeline.fileProblem')} hint={file.problem} />}
      <Refused overview={overview} />
      {choosing && <FileDialog path={timelineFile ?? ''} onClose={() => setChoosing(false)} />}
    </Section>
  )
}

/** Lines that were no events: nothing of what was sent gets lost without a word. */
function Refused({ overview: { refused } }: { overview: TimelineOverview }) {
  if (refused.length === 0) return null
  const now = Date.now()
  return (
    <details className={styles.refused}>
      <summary>{say('timeline.refused', { count: refused.length })}</summary>
      <ul className={styles.list}>
        {refused.map(({ at, offset, line, problem }) => (
          <li key={`${at} ${offset}`} className={styles.bad}>
            <p>{say('timeline.refusedLine', { when: moment(at, now), offset, problem })}</p>
            <code>
              <Plain text={line} longest={300} />
            </code>
          </li>
        ))}
      </ul>
    </details>
  )
}

function FileDialog({ path, onClose }: { path: string; onClose(): void }) {
  const field = useRef<HTMLElement>(null)
  const { value, changes, change } = useChanges({ path })
  const typed = value.path.trim()
  const set = useCommand('preferences.set', {
    inline: true,
    refreshes: ['preferences.get', 'timeline.overview'],
    leave: onClose,
  })
  const input = { timelineFile: typed === '' ? null : typed }
  const mutate = () => (changes.path === undefined ? onClose() : set.mutate(input))
  const form = useForm({ ...set, mutate }, input)
  return (
    <FormDialog
      onClose={onClose}
      focus={field}
      title={say('timeline.fileTitle')}
      text={say('timeline.fileText')}
      form={form}
      action={say('timeline.fileSave')}
    >
      <TextField
        ref={field}
        label={say('timeline.filePath')}
        mono
        value={value.path}
        onChange={(next) => change({ path: next })}
        maxLength={4_000}
        hint={say('timeline.fileHint')}
      />
    </FormDialog>
  )
}
