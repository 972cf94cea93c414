import { useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import { useCall, useCommand } from '../../pipe/host.tsx'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { FormDialog, useForm } from '../../ui/form-dialog.tsx'
import { useTouch } from '../../ui/hooks/use-touch.ts'
import { Icon } from '../../ui/icon.tsx'
import { Plain } from '../../ui/plain.tsx'
import { Failure } from '../../ui/problem.tsx'
import { Small } from '../../ui/text.tsx'
import { showDone } from '../../ui/toasts.tsx'
import { wrongIn } from '../../words/wrong.ts'
import styles from './folders.module.css'

interface AddFolderProps {
  /** In the system's dialog; undefined: it is still to be chosen, step by step or typed. */
  chosen: string | undefined
  onClose(): void
}

export function AddFolderDialog({ chosen, onClose }: AddFolderProps) {
  const first = useRef<HTMLElement>(null)
  /** Undefined: the user's own folder, wherever that is. */
  const [at, setAt] = useState(chosen)
  const [typed, setTyped] = useState<string | null>(null)
  const [excludes, setExcludes] = useState('')
  const add = useCommand('folders.add', {
    inline: true,
    refreshes: ['folders.list', 'tools.list'],
    done: ({ name }) => showDone(say('folders.added', { name })),
    leave: onClose,
  })
  const path = typed ?? at ?? ''
  const lines = excludes
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean)
  const input = { path, excludes: lines }
  const wrong = wrongIn('folders.add', input)
  const form = useForm(add, wrong === undefined ? input : null)
  return (
    <FormDialog
      onClose={onClose}
      focus={first}
      title={say('folders.addTitle')}
      text={say('folders.addText')}
      form={form}
      action={say('folders.addThis')}
    >
      {chosen === undefined && (
        <FolderChooser
          at={at}
          onChange={(next) => {
            setAt(next)
            setTyped(null)
          }}
        />
      )}
      <TextField
        ref={first}
        label={say('folders.path')}
        value={path}
        onChange={setTyped}
        placeholder="/home/ada/Documents"
        mono
        wrong={form.tried && path === '' ? say('folders.pathNeeded') : undefined}
      />
      <TextField
        label={say('folders.excludes')}
        hint={say('folders.excludesHint')}
        value={excludes}
        onChange={setExcludes}
        lines={2}
        mono
        wrong={form.tried && path !== '' ? wrong : undefined}
      />
    </FormDialog>
  )
}

/** What is in one folder; a press on one goes into it. */
function FolderChooser({ at, onChange }: { at: string | undefined; onChange(path: string): void }) {
  const here = useCall('folders.browse', at === undefined ? {} : { path: at })
  const found = here.data
  const touch = useTouch()
  const go = (path: string) => {
    touch()
    onChange(path)
  }
  return (
    <div className={styles.chooser}>
      <div className={styles.here}>
        <Button
          intent="quiet"
          size="small"
          aria-label={say('folders.up')}
          // Where it is disabled it would lose the keyboard.
          aria-disabled={!found?.parent || undefined}
          onClick={() => found?.parent && go(found.parent)}
        >
          <Icon name="up" size={16} />
        </Button>
        <Small>
          <Plain text={found?.path ?? at ?? ''} />
        </Small>
      </div>
      <Failure of={here.error} />
      <ul className={styles.choices} aria-label={say('folders.choices')}>
        {found?.folders.map((folder) => (
          <li key={folder.path}>
            <button type="button" className={styles.choice} onClick={() => go(folder.path)}>
              <Plain text={folder.name} />
            </button>
          </li>
        ))}
        {found?.folders.length === 0 && <li className={styles.none}>{say('folders.noneInside')}</li>}
      </ul>
    </div>
  )
}
