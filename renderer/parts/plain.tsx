import { visibleParts } from '../../src/contract/visible-text.ts'
import styles from './plain.module.css'

/** Text from outside as it really is: characters that would not be seen are written out as their codes. */
export function Plain({ text }: { text: string }) {
  return (
    <span className={styles.plain}>
      {visibleParts(text).map((part, index) =>
        part.unseen ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts have no other identity than their place
          <span key={index} className={styles.unseen} title="A character that is not seen">
            {part.text}
          </span>
        ) : (
          part.text
        ),
      )}
    </span>
  )
}
