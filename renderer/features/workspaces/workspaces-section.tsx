import { useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { Workspace } from '../../../src/contract/workspaces.ts'
import { patchCall, useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { CopyField } from '../../ui/copy-field.tsx'
import { RemoveButton } from '../../ui/dialog.tsx'
import { Card, Section } from '../../ui/page.tsx'
import { LONGEST_TITLE, Plain } from '../../ui/plain.tsx'
import { Buttons, Small } from '../../ui/text.tsx'
import { listWords } from '../../words/limits.ts'
import { useWorkspaces } from '../access/choose/use-choices.ts'
import { WorkspaceDialog } from './workspace-dialog.tsx'
import { sourcesOf } from './workspace-form.ts'
import styles from './workspaces.module.css'

/** Further addresses with only some of the tools. One quiet line until there is one. */
export function WorkspacesSection() {
  const workspaces = useWorkspaces().filter((one) => one.name !== 'default')
  const [adding, setAdding] = useState(false)
  return (
    <Section
      title={say('workspaces.title')}
      text={say('workspaces.text')}
      action={
        <Button size="small" onClick={() => setAdding(true)}>
          {say('workspaces.addAWorkspace')}
        </Button>
      }
    >
      {workspaces.length > 0 && (
        <Card className={styles.list}>
          <ul data-divided>
            {workspaces.map((workspace) => (
              <WorkspaceRow key={workspace.name} workspace={workspace} />
            ))}
          </ul>
        </Card>
      )}
      {adding && <WorkspaceDialog workspace={null} onClose={() => setAdding(false)} />}
    </Section>
  )
}

function WorkspaceRow({ workspace }: { workspace: Workspace }) {
  const [changing, setChanging] = useState(false)
  const tools = useCall('tools.list', undefined)
  const chosen = workspace.sources ?? []
  const names = sourcesOf(tools.data ?? [], chosen)
    .filter((source) => chosen.includes(source.id))
    .map((source) => source.title)
  const remove = useCommand('workspaces.remove', {
    inline: true,
    refreshes: ['workspaces.list', 'grants.list'],
    done: (_output, client, { name }) => {
      patchCall(client, 'workspaces.list', undefined, (old) => old.filter((one) => one.name !== name))
    },
  })
  return (
    <li className={styles.row}>
      <div className={styles.head}>
        <div className={styles.who}>
          <h3 className={styles.title}>
            <Plain text={workspace.title} longest={LONGEST_TITLE} />
          </h3>
          <Small>
            <Plain
              text={
                names.length === 0
                  ? say('workspaces.noTools')
                  : say('workspaces.toolsFrom', { sources: listWords(names) })
              }
            />
          </Small>
        </div>
        <Buttons>
          <Button
            size="small"
            aria-label={say('workspaces.changeName', { title: workspace.title })}
            onClick={() => setChanging(true)}
          >
            {say('common.change')}
          </Button>
          <RemoveButton
            aria-label={say('workspaces.removeName', { title: workspace.title })}
            command={remove}
            input={{ name: workspace.name }}
            title={say('workspaces.removeTitle', { title: workspace.title })}
            text={say('workspaces.itsAddressStopsWorking')}
          />
        </Buttons>
      </div>
      <div className={styles.addresses}>
        {workspace.publicUrl && (
          <CopyField
            label={say('workspaces.addressOf', { title: workspace.title })}
            value={workspace.publicUrl}
          />
        )}
        <CopyField label={say('common.localAddress')} value={workspace.localUrl} />
      </div>
      {changing && <WorkspaceDialog workspace={workspace} onClose={() => setChanging(false)} />}
    </li>
  )
}
