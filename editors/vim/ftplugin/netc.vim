" netc: neural-network definitions, *.net
if exists("b:did_ftplugin")
  finish
endif
let b:did_ftplugin = 1

setlocal commentstring=#\ %s comments=:#
setlocal expandtab shiftwidth=2 softtabstop=2 textwidth=0 colorcolumn=101
" gggqG formats the file.
setlocal formatprg=netc\ fmt\ -
" :make checks the file and goes to the first error.
setlocal makeprg=netc\ check\ %:S
setlocal errorformat=%E%trror[%.%#]:\ %m,%W%tarning[%.%#]:\ %m,%Z\ %#-->\ %f:%l:%c,%-G%.%#
let b:undo_ftplugin = "setlocal cms< com< et< sw< sts< tw< cc< fp< mp< efm<"
