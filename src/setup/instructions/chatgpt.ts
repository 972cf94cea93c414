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
      'Name: Drawbridge. Choose “Server URL”, not “Tunnel”, and paste the address below.',
      'Authentication: OAuth. Leave everything else empty.',
      'Tick “I understand and want to continue”, then press “Create as a plugin”.',
      'Find Drawbridge in your list of plugins and press “Install”. Without that, no chat can use it.',
    ],
    otherwise: [
      '“Tunnel” is a program of OpenAI’s own for servers without an address; yours has one.',
      'No such page? ChatGPT’s apps do not have it: use a browser. At work or school, an administrator may have to allow it; free plans may not offer it.',
      'In older versions: turn on Developer mode first, under Settings → Security and login, or Settings → Apps & Connectors → Advanced settings.',
      'Lockdown mode keeps custom MCP servers out, and so do temporary chats: turn them off to use Drawbridge.',
      'Only the desktop app, without the internet: there, Settings → MCP servers → Add → Streamable HTTP, with the address for this computer (Home shows it), then “Restart”. chatgpt.com does not see what is added there.',
    ],
  },
  noTools: {
    message: 'ChatGPT is connected, but has not asked which tools there are.',
    hint: 'In ChatGPT, open Drawbridge in the list of plugins and press “Install” if it is there, else “Refresh”; then start a new chat, not a temporary one. If nothing happens, check that Lockdown mode is off and that your plan includes custom MCP servers. Sometimes only removing Drawbridge there and adding it again helps.',
  },
  tryIt: {
    text: 'Start a new chat, type @ and choose Drawbridge, then say this. Name Drawbridge in your questions: ChatGPT seldom thinks of tools by itself.',
    say: 'Use Drawbridge to show me npm downloads of react',
  },
}
