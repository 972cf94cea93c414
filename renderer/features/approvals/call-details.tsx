import { type Ref, useEffect, useMemo, useRef, useState } from 'react'
import { say } from '../../../locales/say.ts'
import type { ErrorReply } from '../../../src/contract/errors.ts'
import type { Risk } from '../../../src/contract/tools.ts'
import { Button } from '../../ui/button.tsx'
import { TextField } from '../../ui/field.tsx'
import { LongText } from '../../ui/long-text.tsx'
import { ArgumentsTree, longestTree } from './arguments-tree.tsx'
import styles from './dialogs.module.css'
import { argumentForm } from './readable/argument-form.ts'
import { ReadableArguments } from './readable/readable-arguments.tsx'

interface DetailsProps {
  text: string
  risk: Risk
  box: Ref<HTMLElement>
  end(element: Element | null): void
  /** Shows them over the whole window; left out once they were seen. */
  onOpen?(): void
  /** Lets them be changed. */
  onEdit?(): void
}

/** With exactly what: as the mail or file that it is, or as names and values. */
export function Details({ text, risk, box, end, onOpen, onEdit }: DetailsProps) {
  const form = useMemo(
    () => (risk === 'read' || text.length > longestTree ? null : argumentForm(text)),
    [risk, text],
  )
  const [exact, setExact] = useState(false)
  const common = { ref: box, className: styles.details, end: <div ref={end} /> }
  return (
    <div className={styles['details-part']}>
      <div className={styles['details-head']}>
        <h3 className={styles['details-title']}>
          {text.length > 1_000
            ? say('approvals.detailsOf', { count: text.length })
            : say(form && !exact ? `approvals.form.${form.kind}` : 'common.details')}
        </h3>
        {form && (
          <Button intent="quiet" size="small" onClick={() => setExact(!exact)}>
            {say(exact ? `approvals.form.show.${form.kind}` : 'approvals.form.showExact')}
          </Button>
        )}
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
      {form && !exact ? <ReadableArguments form={form} {...common} /> : <Exact text={text} {...common} />}
    </div>
  )
}

/** As JSON has it, nothing else. */
function Exact({ text, ...common }: { text: string } & Omit<Parameters<typeof ArgumentsTree>[0], 'label'>) {
  const nothing = text.trim() === '{}'
  const label = say('approvals.exactArguments')
  if (!nothing && text.length <= longestTree) return <ArgumentsTree {...common} label={label} text={text} />
  return (
    <LongText
      {...common}
      label={label}
      text={nothing ? say('approvals.nothingIsHandedOver') : text}
      codes="json"
    />
  )
}

/** What runs instead, as the user writes it. */
export function Edit({
  text,
  wrong,
  onChange,
  onUndo,
}: {
  text: string
  wrong: ErrorReply | null
  onChange(next: string): void
  onUndo(): void
}) {
  const field = useRef<HTMLElement>(null)
  // The button that was pressed is gone; and whoever cannot see what is wrong is told with the field.
  // biome-ignore lint/correctness/useExhaustiveDependencies: it is led there again for every new problem
  useEffect(() => field.current?.focus(), [wrong])
  return (
    <div className={styles['details-part']}>
      <TextField
        label={say('approvals.edit.label')}
        value={text}
        onChange={onChange}
        lines={8}
        mono
        hint={say('approvals.edit.hint')}
        wrong={wrong ? `${wrong.message} ${wrong.hint}` : undefined}
        ref={field}
      />
      <div>
        <Button intent="quiet" size="small" onClick={onUndo}>
          {say('approvals.edit.undo')}
        </Button>
      </div>
    </div>
  )
}
