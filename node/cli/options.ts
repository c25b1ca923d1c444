import { type Command, Option } from 'commander'
import { CONFIG_FLAGS, toFlagValues } from '../config/flags.ts'
import { type LoadedConfig, loadConfig } from '../config/load.ts'

/** The flags of the configuration that `wanted` names by path; all of them without it. */
export function addConfigFlags(command: Command, wanted?: readonly string[]): Command {
  for (const { flag, path, description, repeatable } of CONFIG_FLAGS) {
    if (wanted !== undefined && !wanted.includes(path)) continue
    const option = new Option(flag, description)
    if (repeatable) option.argParser((value: string, earlier: string[] = []) => [...earlier, value])
    command.addOption(option)
  }
  return command
}

/** Commands that speak with a node or read its files only need to know where it lives. */
export const addDataDirFlag = (command: Command): Command => addConfigFlags(command, ['data_dir', 'database_url'])

/** Throws `ConfigError` with every problem of every source. */
export function configOf(command: Command): LoadedConfig {
  return loadConfig({ flags: toFlagValues(command.opts()) })
}
