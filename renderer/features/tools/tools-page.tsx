import { useMemo, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Tool } from '../../../src/contract/tools.ts'
import { useCall } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { SearchField } from '../../ui/field.tsx'
import { Icon } from '../../ui/icon.tsx'
import { Card, Empty, Page, Section, Waiting } from '../../ui/page.tsx'
import { Note } from '../../ui/problem.tsx'
import { FoldersSection } from '../folders/folders-section.tsx'
import { DraftList } from '../servers/draft-list.tsx'
import { AddServerDialog } from '../servers/form/add-server-dialog.tsx'
import { WorkspacesSection } from '../workspaces/workspaces-section.tsx'
import { findTools, groupTools, type ToolGroup } from './group-tools.ts'
import { OffersSection } from './offers-section.tsx'
import { ToolGroupCard } from './tool-group-card.tsx'
import { isChanged, isNew } from './tool-review.tsx'

/** From this many servers on, their tools are behind a button: the page is first of all a list of what there is. */
const CLOSED_FROM = 4
/** From this many on, looking through the list by eye is work. */
const SEARCH_FROM = 9

/** Said at the top, since the rows may be far down. */
function WaitingTools({ tools }: { tools: readonly Tool[] }) {
  const fresh = tools.filter(isNew).length
  const changed = tools.filter(isChanged).length
  const held = tools.filter((tool) => tool.review?.why === 'identity').length
  if (fresh + changed + held === 0) return null
  const words = [
    fresh > 0 && say('tools.fresh', { count: fresh }),
    changed > 0 && say('tools.changed', { count: changed }),
    held > 0 && say('tools.held', { count: held }),
  ]
  return <Note message={words.filter(Boolean).join(' ')} hint={say('tools.aServerAddedOr')} />
}

/** Of no service: the timeline and the folders, whose tools nobody has to look at one by one. */
const isOwn = ({ connectors }: ToolGroup) => connectors.length === 0

/**
 * Whether a card stands among those that are ready. It stays where it stood when the page was opened: a form that is open in it would be
 * gone otherwise as soon as something was saved.
 */
function useStanding(isKnown: boolean): (group: ToolGroup) => boolean {
  const [stood] = useState(() => new Map<string, boolean>())
  return ({ key, ready }) => {
    if (!isKnown) return ready
    if (!stood.has(key)) stood.set(key, ready)
    return stood.get(key)!
  }
}

/** What assistants can be given at all, by where it comes from. */
export function ToolsPage() {
  const tools = useCall('tools.list', undefined)
  const servers = useCall('servers.list', undefined)
  const connectors = useCall('connectors.list', undefined)
  const changed = useCall('tools.servers', undefined)
  const [search, setSearch] = useState('')
  const [adding, setAdding] = useState(false)
  const searching = search.trim() !== ''
  const groups = useMemo(() => {
    const all = groupTools(findTools(tools.data ?? [], search), servers.data ?? [], connectors.data ?? [])
    return searching ? all.filter((group) => group.tools.length > 0) : all
  }, [tools.data, servers.data, connectors.data, search, searching])
  const both = tools.data !== undefined && servers.data !== undefined
  const standsReady = useStanding(connectors.data !== undefined)
  const unready = groups.filter((group) => !standsReady(group))
  const card = (group: ToolGroup) => (
    <ToolGroupCard
      key={group.key}
      group={group}
      changed={changed.data?.find((one) => one.sourceId === group.server?.slug)}
      searching={searching}
      isClosed={group.server ? (servers.data?.length ?? 0) >= CLOSED_FROM : !group.ready || isOwn(group)}
    />
  )

  return (
    <Page
      title={say('tools.title')}
      lead={say('tools.lead')}
      action={
        <Button intent="primary" onClick={() => setAdding(true)}>
          <Icon name="plus" size={18} /> {say('tools.addAServer')}
        </Button>
      }
    >
      <DraftList />
      <WaitingTools tools={tools.data ?? []} />
      {(tools.data?.length ?? 0) >= SEARCH_FROM && (
        <SearchField label={say('tools.findATool')} value={search} onChange={setSearch} />
      )}
      {both && !searching && <FoldersSection />}
      {!tools.data ? <Waiting on={tools} /> : !servers.data && <Waiting on={servers} />}
      {groups.filter(standsReady).map(card)}
      {unready.length > 0 && (
        <Section title={say('tools.toSetUp')} text={say('tools.toSetUpText')}>
          {unready.map(card)}
        </Section>
      )}
      {both && groups.length === 0 && (
        <Card>
          {searching ? (
            <Empty
              icon="search"
              title={say('tools.emptyTitle')}
              text={say('tools.nothingWasFoundFor', { search: search.trim() })}
            />
          ) : (
            <Empty
              icon="tools"
              title={say('tools.noToolsYet')}
              text={say('tools.emptyText')}
              action={<Button onClick={() => setAdding(true)}>{say('tools.addAServer')}</Button>}
            />
          )}
        </Card>
      )}
      {both && !searching && <OffersSection />}
      {both && !searching && (tools.data?.length ?? 0) > 0 && <WorkspacesSection />}
      {adding && <AddServerDialog onClose={() => setAdding(false)} />}
    </Page>
  )
}
