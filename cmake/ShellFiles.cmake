# cmake -DCOMMAND=hoarfrost -DFOLDER=... -P ShellFiles.cmake: completion scripts and manual pages, as the command itself
# writes them, in a tree like that of share/.
function(write_output path)
  execute_process(COMMAND ${COMMAND} ${ARGN} OUTPUT_FILE ${path} COMMAND_ERROR_IS_FATAL ANY)
endfunction()

file(REMOVE_RECURSE ${FOLDER})
file(MAKE_DIRECTORY ${FOLDER}/bash-completion/completions ${FOLDER}/zsh/site-functions ${FOLDER}/fish/vendor_completions.d
  ${FOLDER}/man/man1)
write_output(${FOLDER}/bash-completion/completions/hoarfrost completion bash)
write_output(${FOLDER}/zsh/site-functions/_hoarfrost completion zsh)
write_output(${FOLDER}/fish/vendor_completions.d/hoarfrost.fish completion fish)
execute_process(COMMAND ${COMMAND} man --into ${FOLDER}/man/man1 COMMAND_ERROR_IS_FATAL ANY)
