import type { Instructions } from './instructions.ts'

export const claude: Instructions = {
  client: 'claude',
  name: 'Claude',
  title: 'Connect to Claude',
  edition: 'November 2026',
  registersAs: /claude|anthropic/i,
  paste: {
    title: 'Give Claude your address',
    lines: [
      'Open claude.ai, then Customize → Connectors, and press +.',
      'Choose “Add custom connector”. Name: Drawbridge; paste the address below.',
      'Leave the advanced settings empty, press “Add”, then “Connect”.',
    ],
    otherwise: [
      'In older versions: Settings → Connectors → “Add custom connector”.',
      'In a team, the owner adds the connector first; then everybody presses “Connect” for themselves.',
      'The phone apps cannot add connectors, but use those added on the web.',
    ],
  },
  noTools: {
    message: 'Claude is connected, but has not asked which tools there are.',
    hint: 'In Claude, open the list of connectors, disconnect Drawbridge and connect it again, then start a new chat. Free plans allow one custom connector only.',
  },
  tryIt: {
    text: 'Start a new chat, check under + that Drawbridge is switched on, and say this.',
    say: 'Use Drawbridge to show me npm downloads of react',
  },
}
