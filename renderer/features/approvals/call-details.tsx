import type { Ref } from 'react'
import { say } from '../../../locales/say.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { ArgumentsTree, longestTree } from './arguments-tree.tsx'
import styles from './dialogs.module.css'

interface DetailsProps {
  text: string
  box: Ref<HTMLElement>
  end(element: Element | null): void
  /** Shows them over the whole window; left out once they were seen. */
  onOpen?(): void
  /** Lets them be changed. */
  onEdit?(): void
}

/** With exactly what. */
export function Details({ text, box, end, onOpen, onEdit }: DetailsProps) {
  const nothing = text.trim() === '{}'
  const common = { ref: box, label: say('approvals.exactArguments'), end: <div ref={end} /> }
  return (
    <div className={styles['details-part']}>
      <div className={styles['details-head']}>
        <h3 className={styles['details-title']}>
          {text.length > 1_000 ? say('approvals.detailsOf', { count: text.length }) : say('common.details')}
        </h3>
        {onOpen && (
          <Button intent="quiet" size="small" onClick={onOpen}>
            {say('approvals.showEverything')}
          </Button>
        )}
        {onEdit && (
          <Button intent="quiet" size="small" onClick={onEdit}>
            {say('approvals.edit.button')}
          </Button>
        )}
      </div>
      {nothing || text.length > longestTree ? (
        <LongText
          {...common}
          className={styles.details}
          text={nothing ? say('approvals.nothingIsHandedOver') : text}
          codes="json"
        />
      ) : (
        <ArgumentsTree {...common} className={styles.details} text={text} />
      )}
    </div>
  )
}

/** What runs instead, as the user writes it. */
export function Edit({
  text,
  onChange,
  onUndo,
}: {
  text: string
  onChange(next: string): void
  onUndo(): void
}) {
  return (
    <div className={styles['details-part']}>
      <TextField
        label={say('approvals.edit.label')}
        value={text}
        onChange={onChange}
        lines={8}
        mono
        hint={say('approvals.edit.hint')}
      />
      <div>
        <Button intent="quiet" size="small" onClick={onUndo}>
          {say('approvals.edit.undo')}
        </Button>
      </div>
    </div>
  )
}
