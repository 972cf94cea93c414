import { Fragment, type ReactNode, type Ref } from 'react'
import { say } from '../../../../locales/say.ts'
import { cx } from '../../../ui/cx.ts'
import { Plain } from '../../../ui/plain.tsx'
import { ScrollBox } from '../../../ui/scroll-box.tsx'
import { Lines } from '../arguments-tree.tsx'
import type { ArgumentForm } from './argument-form.ts'
import styles from './readable-arguments.module.css'

interface ReadableProps {
  form: ArgumentForm
  className?: string | undefined
  /** At its end, within the box. */
  end: ReactNode
  ref: Ref<HTMLElement>
}

/** A mail, a file or changes to one. What others wrote stays in boxes of its own: labels are ours alone. */
export function ReadableArguments({ form, className, end, ref }: ReadableProps) {
  const { kind, lines, texts, changes, rest } = form
  return (
    <ScrollBox label={say(`approvals.form.${kind}`)} className={cx(styles.form, className)} ref={ref}>
      <dl className={styles.lines}>
        {lines.map(({ field, values }) => (
          <Fragment key={field}>
            <dt>{say(`approvals.form.${field}`)}</dt>
            <dd>
              {values.map((value, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: values have no other identity than their place
                <span key={at} className={styles.value}>
                  <Plain text={value} longest={Number.POSITIVE_INFINITY} />
                </span>
              ))}
            </dd>
          </Fragment>
        ))}
      </dl>
      {texts.map(({ field, text }) => (
        <Part key={field} title={say(`approvals.form.${field}`)} text={text} />
      ))}
      {changes.map((change, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: changes have no other identity than their place
        <div key={at} className={styles.sides}>
          <Part title={say('approvals.form.before')} text={change.before} />
          <Part title={say('approvals.form.after')} text={change.after} />
        </div>
      ))}
      {rest !== null && (
        <div className={styles.part}>
          <p className={styles.title}>{say('approvals.form.rest')}</p>
          <Lines text={rest} />
        </div>
      )}
      {end}
    </ScrollBox>
  )
}

function Part({ title, text }: { title: string; text: string }) {
  return (
    <div className={styles.part}>
      <p className={styles.title}>{title}</p>
      {text === '' ? (
        <p className={styles.nothing}>{say('approvals.form.nothing')}</p>
      ) : (
        <div className={styles.text}>
          <Plain text={text} />
        </div>
      )}
    </div>
  )
}
