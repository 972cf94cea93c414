import { say } from '../../../locales/say.ts'
import type { Tool } from '../tools.ts'

type Asked = Pick<Tool, 'risk' | 'openWorld'>

/**
 * When ChatGPT and Claude ask their user by themselves before they use a tool, in a sentence each and one on how to change that there. From
 * the hints that a tool goes out with: both read them and nothing else, and no server can make ChatGPT ask.
 */
export function askingWords({ risk, openWorld }: Asked): { chatgpt: string; claude: string } {
  const kind = risk === 'write' && openWorld ? 'writeOutside' : risk
  return {
    chatgpt: `${say(`asks.chatgpt.${kind}`)} ${say('asks.chatgpt.how')}`,
    claude: `${say(`asks.claude.${risk}`)} ${say('asks.claude.how')}`,
  }
}
