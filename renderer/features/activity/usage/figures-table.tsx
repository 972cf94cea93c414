import styles from './usage-page.module.css'

interface FiguresTableProps {
  label: string
  /** Of the names and of each figure. */
  columns: readonly string[]
  rows: readonly { key: string; name: React.ReactNode; figures: readonly React.ReactNode[] }[]
}

/** A few rows of figures, narrow enough for any screen. */
export function FiguresTable({ label, columns, rows }: FiguresTableProps) {
  return (
    <table className={`${styles.table} ${styles.short}`} aria-label={label}>
      <thead>
        <tr>
          {columns.map((column, index) => (
            <th key={column} scope="col" className={index === 0 ? undefined : styles.number}>
              {column}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map(({ key, name, figures }) => (
          <tr key={key}>
            <th scope="row">{name}</th>
            {figures.map((figure, index) => (
              // biome-ignore lint/suspicious/noArrayIndexKey: columns have no other identity than their place
              <td key={index} className={styles.number}>
                {figure}
              </td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  )
}
