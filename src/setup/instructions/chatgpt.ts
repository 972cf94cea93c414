import type { Instructions } from './instructions.ts'

export const chatgpt: Instructions = {
  client: 'chatgpt',
  name: 'ChatGPT',
  title: 'Connect to ChatGPT',
  edition: 'November 2026',
  registersAs: /chatgpt|openai/i,
  paste: {
    title: 'Give ChatGPT your address',
    lines: [
      'Open chatgpt.com/plugins in your browser, press +, then “Add custom MCP server”.',
      'Name: Drawbridge. Connection: Server URL; paste the address below.',
      'Authentication: OAuth. Leave everything else empty.',
      'Tick “I understand and want to continue”, then press “Create”.',
    ],
    otherwise: [
      'Looks different? Turn on Developer mode first: Settings → Security and login → Developer mode.',
      'In older versions: Settings → Apps & Connectors → Advanced settings → Developer mode, then “Create”.',
      'At work or school, an administrator may have to allow it. Free plans may not offer it.',
    ],
  },
  noTools: {
    message: 'ChatGPT is connected, but has not asked which tools there are.',
    hint: 'In ChatGPT, open Drawbridge in the list of plugins, press “Refresh”, then start a new chat. If nothing happens, check that Developer mode is on and that your plan includes custom MCP servers. Sometimes only removing Drawbridge there and adding it again helps.',
  },
  tryIt: {
    text: 'Start a new chat and say this. Name Drawbridge in your question: ChatGPT seldom thinks of tools by itself.',
    say: 'Use Drawbridge to show me npm downloads of react',
  },
}
