import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { say } from '../../../../locales/say.ts'
import type { Counts, Usage } from '../../../../src/contract/activity.ts'
import { successOf, workedOf } from '../../../../src/contract/agreed/usage-sums.ts'
import { daysBack } from '../../../../src/contract/agreed/words/local-time.ts'
import { ask, usePipe } from '../../../pipe/host.tsx'
import { Choice } from '../../../ui/choice.tsx'
import { Card, Empty, Section, Waiting } from '../../../ui/page.tsx'
import { Plain } from '../../../ui/plain.tsx'
import { took } from '../../../words/time.ts'
import { ActivityHead } from '../activity-head.tsx'
import { ConnectFirst } from '../connect-first.tsx'
import { spans } from '../look-address.ts'
import { useToolTitles } from '../use-tool-titles.ts'
import { DayChart } from './day-chart.tsx'
import { FiguresTable } from './figures-table.tsx'
import { ServerUse } from './server-use.tsx'
import styles from './usage-page.module.css'

const usual = 7
/** Rows of a table; the rest is seldom called. */
const mostRows = 50

/** How often what was called, and how it went: pictures, and the same as tables. */
export function UsagePage() {
  const { days = usual } = useSearch({ from: '/activity/usage' })
  const navigate = useNavigate({ from: '/activity/usage' })
  const pipe = usePipe()
  const usage = useQuery({
    queryKey: ['usage', days],
    queryFn: () => ask(pipe, 'activity.usage', daysBack(days, Date.now())),
    refetchInterval: 30_000,
    placeholderData: keepPreviousData,
  })
  const none = usage.data?.tools.length === 0
  return (
    <>
      <ActivityHead lead={say('usage.lead')}>
        <Choice
          label={say('usage.span')}
          value={String(days)}
          options={spans.map((span) => ({ value: String(span), label: say('usage.days', { days: span }) }))}
          onChange={(next) =>
            void navigate({ search: { days: spans.find((span) => String(span) === next) }, replace: true })
          }
        />
      </ActivityHead>
      <div className={styles.parts}>
        <Waiting on={usage} />
        {none && (
          <Card>
            <Empty
              icon="activity"
              title={say('usage.emptyTitle')}
              text={say('usage.emptyText', { days })}
              action={<ConnectFirst />}
            />
          </Card>
        )}
        {usage.data && !none && <Parts usage={usage.data} />}
        {usage.data && (!none || hasSignIns(usage.data)) && <SignIns signIns={usage.data.signIns} />}
        <ServerUse />
      </div>
    </>
  )
}

function Parts({ usage: { days, tools, sources, assistants } }: { usage: Usage }) {
  const titleOf = useToolTitles()
  return (
    <>
      <Section title={say('usage.perDay')}>
        <Card className={styles.beside}>
          <DayChart days={days} />
          <CountsTable
            first={say('usage.day')}
            label={say('usage.perDay')}
            rows={days.toReversed().map((counts) => ({ key: counts.day, name: counts.day, counts }))}
          />
        </Card>
      </Section>
      <Section title={say('usage.perTool')}>
        <Card>
          <CountsTable
            first={say('usage.tool')}
            label={say('usage.perTool')}
            withBars
            rows={tools.map((counts) => ({
              key: `${counts.source}\n${counts.tool}`,
              name: titleOf(counts) ?? counts.tool,
              beside: titleOf(counts) ? `${counts.source} · ${counts.tool}` : counts.source,
              counts,
            }))}
          />
        </Card>
      </Section>
      <Section title={say('usage.perSource')} text={say('usage.perSourceText')}>
        <Card>
          <CountsTable
            first={say('usage.source')}
            label={say('usage.perSource')}
            withBars
            rows={sources.map((counts) => ({
              key: counts.source,
              name: counts.source || say('usage.noSource'),
              counts,
            }))}
          />
        </Card>
      </Section>
      <Section title={say('usage.perAssistant')}>
        <Card>
          <CountsTable
            first={say('usage.assistant')}
            label={say('usage.perAssistant')}
            withBars
            rows={assistants.map((counts) => ({ key: counts.grantId, name: counts.clientName, counts }))}
          />
        </Card>
      </Section>
    </>
  )
}

const hasSignIns = ({ signIns: { signIns, tokens } }: Usage): boolean =>
  signIns.worked + signIns.failed + tokens.worked + tokens.failed > 0

function SignIns({ signIns }: Pick<Usage, 'signIns'>) {
  return (
    <Section title={say('usage.signIns.title')} text={say('usage.signIns.text')}>
      <Card>
        <FiguresTable
          label={say('usage.signIns.title')}
          columns={(['what', 'given', 'not', 'share'] as const).map((name) =>
            say(`usage.signIns.column.${name}`),
          )}
          rows={(['signIns', 'tokens'] as const).map((what) => ({
            key: what,
            name: say(`usage.signIns.${what}`),
            figures: [signIns[what].worked, signIns[what].failed, percent(workedOf(signIns[what]))],
          }))}
        />
      </Card>
    </Section>
  )
}

const percent = (share: number | null): string =>
  share === null ? '–' : say('usage.percent', { percent: Math.floor(100 * share) })

interface Row {
  key: string
  name: string
  beside?: string
  counts: Counts
}

interface CountsTableProps {
  label: string
  first: string
  rows: readonly Row[]
  /** A bar under each name, as long as its part of the most. */
  withBars?: boolean
}

function CountsTable({ label, first, rows, withBars }: CountsTableProps) {
  const most = Math.max(1, ...rows.map(({ counts }) => counts.calls))
  const shown = rows.slice(0, mostRows)
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls must be reached by the keyboard
    <section className={styles.scroll} aria-label={say('usage.asTable', { name: label })} tabIndex={0}>
      <table className={styles.table}>
        <thead>
          <tr>
            <th scope="col">{first}</th>
            {(['calls', 'changes', 'failed', 'denied', 'success', 'average', 'longest'] as const).map(
              (name) => (
                <th key={name} scope="col" className={styles.number}>
                  {say(`usage.column.${name}`)}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {shown.map(({ key, name, beside, counts }) => (
            <tr key={key}>
              <th scope="row">
                <Plain text={name} longest={60} />
                {beside && (
                  <span className={styles.from}>
                    <Plain text={beside} longest={100} />
                  </span>
                )}
                {withBars && (
                  <svg
                    className={styles.bar}
                    viewBox="0 0 100 4"
                    preserveAspectRatio="none"
                    aria-hidden="true"
                  >
                    <rect width={(100 * counts.calls) / most} height={4} />
                  </svg>
                )}
              </th>
              <Numbers counts={counts} />
            </tr>
          ))}
        </tbody>
      </table>
      {rows.length > mostRows && (
        <p className={styles.more}>{say('usage.more', { count: rows.length - mostRows })}</p>
      )}
    </section>
  )
}

function Numbers({ counts }: { counts: Counts }) {
  const { calls, changes, failed, denied, milliseconds, longest } = counts
  const success = successOf(counts)
  return [
    calls,
    changes,
    failed,
    denied,
    percent(success),
    calls === 0 ? '–' : took(milliseconds / calls),
    calls === 0 ? '–' : took(longest),
  ].map((value, index) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other identity than their place
    <td key={index} className={styles.number}>
      {value}
    </td>
  ))
}
