terraform {
  required_version = ">= 1.0"
  required_providers {
    aws = { source = "hashicorp/aws", version = "~> 5" }
  }
}
variable "region" {
  type = string
  default = "eu"
  description = <<-EOT
    Where.
  EOT
}
output "id" { value = aws_vpc.main.id }
/* c */ resource "aws_vpc" "main" { cidr = "${var.cidr}" } # x
