import { say } from '../../../locales/say.ts'
import type { Approval, ApprovalDetails } from '../../../src/contract/approvals.ts'
import { Badge } from '../../ui/badge.tsx'
import { LONGEST_TITLE, Plain, Quoted } from '../../ui/plain.tsx'
import { rich } from '../../ui/rich.tsx'
import { riskWords } from '../../words/access.ts'
import { ago } from '../../words/time.ts'
import { longestTree } from './arguments-tree.tsx'
import styles from './dialogs.module.css'

/** How many values are handed over; −1: not known, or more than anybody counts. */
const countOf = (details: ApprovalDetails | undefined): number =>
  details === undefined || details.arguments.length > longestTree
    ? -1
    : Object.keys(JSON.parse(details.arguments) ?? {}).length

/** What happens, in the words of a tool of ours, or in those that fit every tool. */
export function Sentence({
  approval,
  details,
}: {
  approval: Approval
  details: ApprovalDetails | undefined
}) {
  const { sentence, toolTitle, tool, source } = approval
  return (
    <>
      {sentence === null ? (
        rich('approvals.sentence', {
          tool: <Quoted text={toolTitle || tool} written longest={LONGEST_TITLE / 2} />,
          source: <Quoted text={source} written longest={LONGEST_TITLE / 2} />,
          count: countOf(details),
        })
      ) : (
        <>
          <Plain text={sentence} written />
          {/[.!?…]$/.test(sentence) ? '' : '.'}
        </>
      )}{' '}
      {riskWords(approval.risk).sentence}
    </>
  )
}

/** What runs, by the names that its server cannot choose freely, and who asks. Always there, and never long. */
export function Facts({ approval }: { approval: Approval }) {
  const { tool, toolId, toolTitle, source, sourceId, risk } = approval
  const words = riskWords(risk)
  return (
    <dl className={styles.facts}>
      <dt>{say('approvals.tool')}</dt>
      <dd>
        <Name text={tool} />
        {toolTitle !== '' && <span className={styles.aside}> {say('approvals.titleIsMakers')}</span>}
      </dd>
      {toolId !== tool && (
        <>
          <dt>{say('approvals.itsId')}</dt>
          <dd>
            <Name text={toolId} />
          </dd>
        </>
      )}
      <dt>{say('approvals.from')}</dt>
      <dd>
        <Plain text={source} written longest={LONGEST_TITLE} />
        {sourceId !== source && (
          <span className={styles.aside}>
            {' '}
            <Name text={sourceId} />
          </span>
        )}
      </dd>
      <dt>{say('approvals.who')}</dt>
      <dd>
        <Plain text={approval.clientName} written longest={LONGEST_TITLE} />
      </dd>
      <dt>{say('approvals.why.label')}</dt>
      <dd>
        <Why approval={approval} />
      </dd>
      <dt>{say('approvals.kind')}</dt>
      <dd>
        <Badge tone={words.tone} dot>
          {words.label}
        </Badge>
      </dd>
    </dl>
  )
}

function Why({ approval: { why, readBefore, clientName } }: { approval: Approval }) {
  if (readBefore === null) return say(`approvals.why.${why}`)
  return rich('approvals.why.read', {
    client: <Plain text={clientName} written longest={LONGEST_TITLE} />,
    what: <Quoted text={readBefore.what} written longest={LONGEST_TITLE} />,
    when: ago(readBefore.at, Date.now()),
  })
}

const Name = ({ text }: { text: string }) => (
  <code>
    <Plain text={text} longest={LONGEST_TITLE} />
  </code>
)
