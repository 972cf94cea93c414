/** Own line drawings on a 20-unit grid. */
const PATHS = {
  home: 'M3.5 9.5 10 4l6.5 5.500M5.5 8.500V16h9V8.500M8.5 16v-4h3v4',
  tools:
    'M12.5 3.500a3.8 3.8 0 0 0-3.6 5L3.5 13.9 6 16.500l5.5-5.400a3.8 3.8 0 0 0 5-4.600l-2.3 2.2-2.4-.5-.4-2.3 2.2-2.200a3.8 3.8 0 0 0-1.1-.2z',
  access: 'M6.2 16.8a3 3 0 1 0 0-6 3 3 0 0 0 0 6zM8.4 11.6 16 4M13.3 6.700l2.2 2.200M10.9 9.100l1.6 1.6',
  activity: 'M3 10.500h3L8 5l4 10.5 2-5h3',
  timeline:
    'M5 3v14M5 8a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM5 15a1.500 1.500 0 1 0 0-3 1.500 1.500 0 0 0 0 3zM9.500 6.500h7M9.500 13.500h5',
  settings: 'M3 6h8M15 6h2M3 14h2M9 14h8M13 8a2 2 0 1 0 0-4 2 2 0 0 0 0 4zM7 16a2 2 0 1 0 0-4 2 2 0 0 0 0 4z',
  copy: 'M7.5 7.500V4.500a1 1 0 0 1 1-1h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-3M4.5 7.500h7a1 1 0 0 1 1 1v7a1 1 0 0 1-1 1h-7a1 1 0 0 1-1-1v-7a1 1 0 0 1 1-1z',
  check: 'M4 10.5 8 14.5 16 6',
  cross: 'M5 5l10 10M15 5 5 15',
  warning: 'M10 3.5 17.5 16.500h-15zM10 8.500v3.500M10 14.300h.01',
  info: 'M10 17a7 7 0 1 0 0-14 7 7 0 0 0 0 14zM10 9.500v4M10 6.700h.01',
  chevron: 'M6 8l4 4 4-4',
  back: 'M12 5l-5 5 5 5',
  plus: 'M10 4v12M4 10h12',
  search: 'M8.8 14.200a5.4 5.4 0 1 0 0-10.8 5.4 5.4 0 0 0 0 10.800zM12.8 12.800l4 4',
  computer: 'M3.5 4.500h13v8.500h-13zM7 16.500h6M10 13v3.5',
  refresh: 'M16 8.500A6.3 6.3 0 0 0 4.5 7M4 3.500V7h3.500M4 11.500A6.3 6.3 0 0 0 15.5 13M16 16.500V13h-3.5',
  trash: 'M4 6h12M8 6V4h4v2M5.5 6l.7 10.500h7.600L14.5 6',
  up: 'M10 16V5M5.5 9.5 10 5l4.5 4.5',
  down: 'M10 4v11M5.5 10.5 10 15l4.5-4.5',
} as const

export type IconName = keyof typeof PATHS

/** A drawing beside words; it says nothing of its own to a screen reader. */
export function Icon({ name, size = 20 }: { name: IconName; size?: number }) {
  return (
    <svg
      viewBox="0 0 20 20"
      width={size}
      height={size}
      fill="none"
      stroke="currentColor"
      strokeWidth={1.6}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  )
}
